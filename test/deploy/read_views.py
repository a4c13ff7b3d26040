"""Reads every view by PyAthena and by SQLAlchemy, as a BI tool does; prints one JSON object.
Usage: read_views.py WORKGROUP SCHEMA RESULTS VIEWS_JSON, the last one {view: [column]}."""
import datetime, decimal, json, sys

from pyathena import connect
from sqlalchemy import create_engine, inspect, text

workgroup, schema, results, views = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, (datetime.date, decimal.Decimal)):
        return str(value)
    return value


def rows(found):
    return [[plain(value) for value in row] for row in found]


def select(view, columns):
    names = ", ".join(f'"{column}"' for column in columns)
    return f'SELECT {names} FROM "{schema}"."{view}"'


cursor = connect(work_group=workgroup, schema_name=schema, region_name="us-east-1", s3_staging_dir=results, poll_interval=0.1).cursor()
by_pyathena = {view: rows(cursor.execute(select(view, columns)).fetchall()) for view, columns in views.items()}

engine = create_engine(
    f"awsathena+rest://@athena.us-east-1.amazonaws.com:443/{schema}?s3_staging_dir={results}&work_group={workgroup}&poll_interval=0.1")
seen = inspect(engine)
with engine.connect() as connection:
    by_sqlalchemy = {view: rows(connection.execute(text(select(view, columns))).fetchall()) for view, columns in views.items()}
reflected = {view: [column["name"] for column in seen.get_columns(view)] for view in views}
print(json.dumps({"pyathena": by_pyathena, "sqlalchemy": by_sqlalchemy, "names": sorted(seen.get_view_names()), "reflected": reflected}))
