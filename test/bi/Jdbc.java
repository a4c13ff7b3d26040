import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** Reads the published copy as DBeaver and other JDBC clients do: java -cp duckdb_jdbc.jar Jdbc.java COPY */
class Jdbc {
  public static void main(String[] args) throws Exception {
    Properties options = new Properties();
    options.setProperty("duckdb.read_only", "true");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + args[0], options)) {
      DatabaseMetaData meta = connection.getMetaData();
      List<String> key = new ArrayList<>();
      try (ResultSet keys = meta.getPrimaryKeys(null, "main", "kalem_calls")) {
        while (keys.next()) key.add(keys.getString("COLUMN_NAME"));
      }
      if (!key.containsAll(List.of("account", "call_id"))) throw new AssertionError("primary key: " + key);
      int views = 0;
      boolean described = false;
      try (ResultSet tables = meta.getTables(null, "main", "%", null)) {
        while (tables.next()) {
          if ("VIEW".equals(tables.getString("TABLE_TYPE"))) views++;
          String remarks = tables.getString("REMARKS");
          described |= remarks != null && remarks.contains("Key: source, account, call_id.");
        }
      }
      if (views < 10) throw new AssertionError(views + " views");
      long calls;
      try (ResultSet rows = connection.createStatement().executeQuery("select sum(calls) from calls_daily")) {
        rows.next();
        calls = rows.getLong(1);
      }
      if (calls < 10) throw new AssertionError(calls + " calls");
      System.out.println(views + " views, " + calls + " calls"
          + (described ? ", with comments" : ", without comments"));
    }
  }
}
