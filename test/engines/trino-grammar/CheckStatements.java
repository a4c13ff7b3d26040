import io.trino.sql.parser.ParsingException;
import io.trino.sql.parser.SqlParser;
import java.nio.charset.StandardCharsets;

/** Reads SQL statements from stdin, each ended by a NUL; prints `N<TAB>line:column: what is wrong` of each that Trino's grammar refuses. */
public final class CheckStatements {
    public static void main(String[] arguments) throws Exception {
        String input = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        SqlParser parser = new SqlParser();
        int number = 0;
        int refused = 0;
        for (String statement : input.split("\0")) {
            try {
                parser.createStatement(statement);
            } catch (ParsingException error) {
                refused += 1;
                System.out.println(number + "\t" + error.getMessage().replace('\n', ' '));
            }
            number += 1;
        }
        System.err.println(number + " statements, " + refused + " refused");
        System.exit(refused == 0 ? 0 : 1);
    }
}
