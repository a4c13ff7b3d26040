"""Reads the published copy as BI clients in Python do. Usage: clients.py COPY. One line a check; an error ends the run."""
import sys

import duckdb
import pandas
import polars
from sqlalchemy import create_engine, inspect, text

copy = sys.argv[1]
SQL = "select date, source, calls, missed_calls from calls_daily order by date, source"


def check(name, told):
    print(f"{name}: {told}", flush=True)


with duckdb.connect(copy, read_only=True) as connection:
    rows = connection.execute(SQL).fetchall()
    assert len(rows) > 5, rows
    keys = connection.execute("select count(*) from duckdb_constraints() where constraint_type = 'PRIMARY KEY'").fetchone()[0]
    tables = connection.execute("select count(*) from duckdb_tables()").fetchone()[0]
    assert keys == tables > 10, (keys, tables)
    comment = connection.execute("select comment from duckdb_views() where view_name = 'calls'").fetchone()[0]
    assert "Key: source, account, call_id." in comment, comment
    check("duckdb", f"{duckdb.__version__}, {len(rows)} rows, {tables} tables with primary keys")

    frame = connection.execute(SQL).df()
    assert list(frame.columns) == ["date", "source", "calls", "missed_calls"] and len(frame) == len(rows)
    check("pandas", f"{pandas.__version__}, {len(frame)} rows")

    table = polars.read_database(SQL, connection)
    assert table.height == len(rows) and table["calls"].sum() == sum(row[2] for row in rows)
    check("polars", f"{polars.__version__}, {table.height} rows")

engine = create_engine(f"duckdb:///{copy}?access_mode=READ_ONLY")
with engine.connect() as connection:
    found = connection.execute(text(SQL)).fetchall()
    assert len(found) == len(rows)
    try:
        connection.execute(text("create table x (a int)"))
    except Exception as error:
        assert "read-only" in str(error), error
    else:
        raise AssertionError("the copy can be changed")
seen = inspect(engine)
assert "calls_daily" in seen.get_view_names(schema="main"), seen.get_view_names(schema="main")
assert "kalem_calls" in seen.get_table_names(schema="main")
import duckdb_engine, sqlalchemy
check("SQLAlchemy", f"{sqlalchemy.__version__}, duckdb-engine {duckdb_engine.__version__}, reads and cannot write")
