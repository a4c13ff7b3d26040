"""Versions of tables in Glue, as AWS keeps them and ministack does not. Imported by standin.py.

Each statement that changes a table makes a version of it; nothing deletes the earlier ones but BatchDeleteTableVersion. At the quota
(`versionQuota` sets another than AWS's 100,000) the statement fails with AWS's words, and changes nothing.
"""
import json, re, threading, time

from ministack.services import athena, glue

CHANGES = re.compile(r'\s*(?:MERGE\s+INTO|INSERT\s+INTO|DELETE\s+FROM|OPTIMIZE|VACUUM)\s+"?(\w+)"?\."?(\w+)"?', re.I)
kept, most, guard = {}, {}, threading.Lock()
quota = 100_000
execute, handle = athena._execute_query, glue._handle_request_sync


async def execute_counted(query_id, query, *rest, **more):
    table = ".".join(CHANGES.match(query).groups()) if CHANGES.match(query) else None
    execution = athena._executions.get(query_id)
    if table and execution and len(kept.get(table, [])) >= quota:
        reason = f"HIVE_METASTORE_ERROR: Number of TABLE_VERSION resources exceeds the account limit {quota} (Service: Glue, Status Code: 400)"
        execution["Status"].update(State="FAILED", StateChangeReason=reason, CompletionDateTime=int(time.time()))
        return
    await execute(query_id, query, *rest, **more)
    if table and execution and execution["Status"]["State"] == "SUCCEEDED":
        with guard:
            numbers = kept.setdefault(table, [0])
            numbers.append(numbers[-1] + 1)
            most[table] = max(most.get(table, 0), len(numbers))


def json_answer(status, text):
    # ministack adds to the headers, so each answer has its own.
    return status, {"Content-Type": "application/x-amz-json-1.1"}, text.encode()


def handle_versions(method, path, headers, body, query_params):
    action = {key.lower(): value for key, value in headers.items()}.get("x-amz-target", "").split(".")[-1]
    if action not in ("GetTableVersions", "BatchDeleteTableVersion"):
        return handle(method, path, headers, body, query_params)
    data = json.loads(body)
    name = f"{data['DatabaseName']}.{data['TableName']}"
    with guard:
        numbers = kept.setdefault(name, [0])
        if action == "BatchDeleteTableVersion":
            if len(data["VersionIds"]) > 100:
                return json_answer(400, '{"__type":"InvalidInputException","Message":"at most 100 versions"}')
            gone = {int(number) for number in data["VersionIds"]} - {numbers[-1]}
            kept[name] = [number for number in numbers if number not in gone]
            return json_answer(200, '{"Errors":[]}')
        begin, size = int(data.get("NextToken") or 0), min(100, data.get("MaxResults", 100))
        newest = numbers[::-1]
        answer = {"TableVersions": [{"VersionId": str(number)} for number in newest[begin:begin + size]]}
        if begin + size < len(newest):
            answer["NextToken"] = str(begin + size)
        return json_answer(200, json.dumps(answer))


athena._execute_query = execute_counted
glue._handle_request_sync = handle_versions


def versions(command):
    """How many versions each table has, and the most that it had at any time."""
    with guard:
        return {"kept": {name: len(numbers) for name, numbers in kept.items()}, "most": dict(most)}


def set_quota(command):
    global quota
    quota = command["quota"]
    return {}


COMMANDS = {"versions": versions, "versionQuota": set_quota}
