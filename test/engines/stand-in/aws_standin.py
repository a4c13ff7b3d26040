"""ministack with Athena's SQL run by a real Trino, and with the known gaps closed.

 1. Athena: statements go to the Trino on $TRINO_PORT (the engine family behind Athena engine version 3), whose catalog
    awsdatacatalog reads this same process's Glue and S3 over the wire; see athena_sql.py.
 2. Athena results: <id>.csv is written at OutputLocation itself, every field quoted, NULL empty and unquoted.
 3. Glue: an unset Description/Owner is absent, not "" (Trino reads Description as the comment that marks a view).
 4. Athena: the catalog name AwsDataCatalog may be written in any case.
 5. CloudFormation: AWS::Athena::NamedQuery, ::PreparedStatement and ::DataCatalog exist; AWS::Glue::TableOptimizer is
    accepted and does nothing.
 6. CloudFormation: Iceberg tables; see iceberg_tables.py.
"""
import asyncio, json, re, time
from urllib.parse import urlparse

from ministack.services import athena, glue, s3
from ministack.services.cloudformation import provisioners

import iceberg_tables  # noqa: F401  registers its handlers
from athena_sql import CAT, athena_to_trino, name_of, run_trino


def _alter_partition(sql, db):
    m = re.match(r"\s*ALTER\s+TABLE\s+(\S+)\s+(ADD|DROP)\s", sql, re.I)
    d, t = name_of(m[1], db)
    table = glue._tables.get(f"{d}/{t}")
    if table is None:
        raise ValueError(f"TABLE_NOT_FOUND: {d}.{t}")
    keys = [k["Name"] for k in table["PartitionKeys"]]
    for spec, loc in re.findall(r"PARTITION\s*\(([^)]*)\)(?:\s*LOCATION\s*'([^']*)')?", sql, flags=re.I):
        kv = {k: v for k, v in re.findall(r"`?(\w+)`?\s*=\s*'?([^',]*)'?", spec)}
        values = [kv[k] for k in keys]
        if m[2].upper() == "ADD":
            sd = dict(table["StorageDescriptor"])
            sd["Location"] = loc or sd["Location"].rstrip("/") + "/" + "/".join(f"{k}={v}" for k, v in zip(keys, values)) + "/"
            glue._create_partition({"DatabaseName": d, "TableName": t, "PartitionInput": {"Values": values, "StorageDescriptor": sd}})
        else:
            glue._delete_partition({"DatabaseName": d, "TableName": t, "PartitionValues": values})
    return {"columns": [], "column_types": [], "rows": []}


async def execute(query_id, query, database, ddl, catalog=None):
    ex = athena._executions.get(query_id)
    if not ex:
        return
    ex["Status"]["State"] = "RUNNING"
    start = time.time()
    try:
        db = database or "default"
        sql = athena_to_trino(query, db)
        for value in ex.get("ExecutionParameters") or []:
            sql = sql.replace("?", value, 1)
        if sql is None and re.match(r"\s*ALTER", query, re.I):
            res = _alter_partition(query, db)
        elif sql is None:
            if ddl is None:
                raise ValueError("FAILED: ParseException: not a Hive DDL statement this stand-in reads")
            res = athena._run_ddl(ddl, db)
        else:
            res = await asyncio.to_thread(run_trino, sql, db)
        ex["_results"] = {"columns": res["columns"], "rows": res["rows"]}
        ex["_column_types"] = res["column_types"]
        ms = int((time.time() - start) * 1000)
        ex["Statistics"].update(EngineExecutionTimeInMillis=ms, TotalExecutionTimeInMillis=ms, DataScannedInBytes=res.get("scanned", 0))
        save(ex, res)
        ex["Status"]["State"] = "SUCCEEDED"
    except Exception as e:
        ex["Status"].update(State="FAILED", StateChangeReason=str(e)[:2000])
        ex["_error"] = str(e)
    ex["Status"]["CompletionDateTime"] = int(time.time())


def save(ex, res):
    lines = [res["columns"]] + [[None if v is None else athena._datum_text(v) for v in r] for r in res["rows"]]
    text = "".join(",".join("" if v is None else '"' + str(v).replace('"', '""') + '"' for v in r) + "\n" for r in lines)
    u = urlparse(ex["ResultConfiguration"]["OutputLocation"])
    for key, data in ((u.path.lstrip("/"), text.encode()), (u.path.lstrip("/") + ".metadata", b"")):
        r = s3._put_object(u.netloc, key, data, {"content-type": "application/octet-stream", "content-length": str(len(data))})
        if isinstance(r, tuple) and r[0] >= 300:
            raise ValueError(f"could not write the result to s3://{u.netloc}/{key}: {r[2][:200]}")


athena._execute_query = execute
start_query = athena._start_query_execution


def start_with_parameters(data):
    r = start_query(data)
    if r[0] == 200 and data.get("ExecutionParameters"):
        athena._executions[json.loads(r[2])["QueryExecutionId"]]["ExecutionParameters"] = data["ExecutionParameters"]
    return r


athena._start_query_execution = start_with_parameters

for name in ("_get_data_catalog", "_get_database", "_list_databases", "_get_table_metadata", "_list_table_metadata"):
    # Athena takes AwsDataCatalog in any case; clients send it in small letters
    def any_case(data, call=getattr(athena, name)):
        for k in ("Name", "CatalogName"):
            if str(data.get(k, "")).lower() == CAT:
                data = {**data, k: "AwsDataCatalog"}
        return call(data)

    setattr(athena, name, any_case)

glue_json = glue.json_response


def without_empty(v):
    if isinstance(v, dict):
        if v.get("TableType") == "VIRTUAL_VIEW" and not v.get("Owner"):
            v = {**v, "Owner": "hadoop"}  # Athena runs an owner-less view; Trino wants a run-as name
        return {k: without_empty(x) for k, x in v.items() if not (k in ("Description", "Owner", "ViewOriginalText", "ViewExpandedText") and x in ("", None))}
    return [without_empty(x) for x in v] if isinstance(v, list) else v


glue.json_response = lambda data, *a, **k: glue_json(without_empty(data), *a, **k)


def _registered(create, delete):
    return {"create": create, "delete": delete,
            "update": lambda pid, old, new, stack, logical_id=None: (delete(pid, old), create(logical_id or pid, new, stack))[1],
            "update_with_logical_id": True}


def _body(r):
    if r[0] >= 300:
        raise ValueError(str(r[2])[:300])
    return json.loads(r[2] or b"{}")


def nq_create(lid, p, stack):
    i = _body(athena._create_named_query(p))["NamedQueryId"]
    return i, {"NamedQueryId": i}


def ps_create(lid, p, stack):
    _body(athena._create_prepared_statement(p))
    return p["StatementName"], {}


def dc_create(lid, p, stack):
    _body(athena._create_data_catalog(p))
    return p["Name"], {}


H = provisioners._RESOURCE_HANDLERS
H.setdefault("AWS::Glue::TableOptimizer", _registered(lambda lid, p, stack: (lid, {}), lambda pid, p: None))
H.setdefault("AWS::Athena::NamedQuery", _registered(nq_create, lambda pid, p: athena._delete_named_query({"NamedQueryId": pid})))
H.setdefault("AWS::Athena::PreparedStatement", _registered(ps_create, lambda pid, p: athena._delete_prepared_statement({"StatementName": pid, "WorkGroup": p.get("WorkGroup", "primary")})))
H.setdefault("AWS::Athena::DataCatalog", _registered(dc_create, lambda pid, p: athena._delete_data_catalog({"Name": pid})))

if __name__ == "__main__":
    import sys
    sys.argv = sys.argv[:1]
    from ministack.app import main
    main()
