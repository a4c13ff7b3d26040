"""CloudFormation: an AWS::Glue::Table with IcebergTableInput (and no TableInput, as Glue asks) becomes a real Iceberg table.

Trino makes it at its Location, with its columns, nullability and partition spec, and numbers the field ids. Importing this
module registers the handlers.
"""
import json, re

from ministack.services.cloudformation import provisioners, stacks

from athena_sql import ICE, run_trino

ICEBERG_TYPES = {"long": "bigint", "int": "integer", "string": "varchar", "float": "real", "binary": "varbinary",
                 "timestamp": "timestamp(6)", "timestamptz": "timestamp(6) with time zone"}


def iceberg_type(t):
    """Trino's name of a type, from Iceberg's name or, for a nested type, from its JSON text, as the Glue catalog takes it."""
    if t.lstrip().startswith("{"):
        nested = json.loads(t)
        if nested["type"] != "list":
            raise ValueError(f"Iceberg type {nested['type']} is not known here")
        element = nested["element"]
        return f"array({iceberg_type(element if isinstance(element, str) else json.dumps(element))})"
    if m := re.fullmatch(r"list<(.+)>", t):
        return f"array({iceberg_type(m[1])})"
    return ICEBERG_TYPES.get(t, t)


def iceberg_partition(f, names):
    column, transform = names[f["SourceId"]], f["Transform"]
    if transform == "identity":
        return column
    if m := re.fullmatch(r"(bucket|truncate)\[(\d+)\]", transform):
        return f"{m[1]}({column}, {m[2]})"
    return f"{transform}({column})"


def iceberg_create(lid, props):
    spec = props["OpenTableFormatInput"]["IcebergInput"]["IcebergTableInput"]
    if props.get("TableInput") or not props.get("Name"):
        raise ValueError("Table metadata is expected only via TableInput or via IcebergTableInput, the latter with Name")
    fields = spec["Schema"]["Fields"]
    names = {f["Id"]: f["Name"] for f in fields}
    if len(names) != len(fields):
        raise ValueError("Iceberg field ids are not unique")
    columns = ", ".join(f'"{f["Name"]}" {iceberg_type(f["Type"])}{" NOT NULL" if f.get("Required") else ""}' for f in fields)
    parts = ", ".join("'" + iceberg_partition(f, names) + "'" for f in (spec.get("PartitionSpec") or {}).get("Fields", []))
    with_ = f"format = 'PARQUET', format_version = 2, location = '{spec['Location'].rstrip('/')}'"
    if parts:
        with_ += f", partitioning = ARRAY[{parts}]"
    db, name = props["DatabaseName"], props["Name"]
    run_trino(f'CREATE TABLE {ICE}."{db}"."{name}" ({columns}) WITH ({with_})', db)
    return name, {}


glue_table = dict(provisioners._RESOURCE_HANDLERS["AWS::Glue::Table"])


def is_iceberg(props):
    return bool(((props.get("OpenTableFormatInput") or {}).get("IcebergInput") or {}).get("IcebergTableInput"))


def table_create(lid, props, stack):
    return iceberg_create(lid, props) if is_iceberg(props) else glue_table["create"](lid, props, stack)


def table_update(pid, old, new, stack, logical_id=None):
    if not is_iceberg(new):
        return glue_table["update"](pid, old, new, stack, logical_id=logical_id)
    have = {f["Name"] for f in old["OpenTableFormatInput"]["IcebergInput"]["IcebergTableInput"]["Schema"]["Fields"]}
    for f in new["OpenTableFormatInput"]["IcebergInput"]["IcebergTableInput"]["Schema"]["Fields"]:
        if f["Name"] not in have:
            run_trino(f'ALTER TABLE {ICE}."{new["DatabaseName"]}"."{pid}" ADD COLUMN "{f["Name"]}" {iceberg_type(f["Type"])}', new["DatabaseName"])
    return pid, {}


def table_delete(pid, props):
    if is_iceberg(props):
        run_trino(f'DROP TABLE IF EXISTS {ICE}."{props["DatabaseName"]}"."{pid}"', props["DatabaseName"])
    else:
        glue_table["delete"](pid, props)


on_thread = stacks._runs_on_worker_thread  # Trino calls this process's Glue and S3 back while a table is made
stacks._runs_on_worker_thread = lambda rtype: rtype == "AWS::Glue::Table" or on_thread(rtype)
provisioners._RESOURCE_HANDLERS["AWS::Glue::Table"] = {**glue_table, "create": table_create, "update": table_update, "delete": table_delete}
