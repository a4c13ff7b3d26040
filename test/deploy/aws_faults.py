"""What goes wrong on AWS and not in ministack, and what time does there. Imported by standin.py.

 1. Lambda: an event on which a function fails, also that of a schedule, is repeated as often as the template says, and then goes to the
    function's dead-letter queue. `failLambda` has a function fail at its next runs.
 2. Athena: `failStatements` has the next MERGEs fail with given reasons, and the next requests be throttled.
 3. S3: `expire` sets a clock and does what the lifecycle rules of the template ask for.
 4. CloudFormation: `failResource` has the next creation of a type fail, as a quota or a missing right does; a bucket with objects is not
    deleted; `named` lists what has a matching name, `empty` empties buckets, and
    deletes them, as their owner does.
"""
import datetime, json, re, threading, time

from ministack.services import athena, eventbridge, glue, kms, lambda_svc, s3, secretsmanager, sqs
from ministack.services.cloudformation import provisioners

from glue_versions import json_answer

guard = threading.Lock()
handlers = provisioners._RESOURCE_HANDLERS


# 1. Lambda
failing = {}
lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = 0
run_function = lambda_svc._execute_function_dispatch


def fail_or_run(func, config, event, request_id, started):
    name = config.get("FunctionName")
    with guard:
        left = failing.get(name, 0)
        failing[name] = max(0, left - 1)
    if left > 0:
        return {"error": True, "function_error": "Unhandled",
                "body": {"errorType": "Runtime.OutOfMemory", "errorMessage": "Runtime exited with error: signal: killed"}}
    return run_function(func, config, event, request_id, started)


def invoke_scheduled(arn, payload):
    """As ministack's own, but as an asynchronous invocation, which is repeated and has a dead-letter queue."""
    func, config, name = lambda_svc._get_func_record_for_ref(arn)
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(func, config), json.loads(payload))


lambda_svc._execute_function_dispatch = fail_or_run
eventbridge._dispatch_to_lambda = invoke_scheduled


def keep_dead_letters(props):
    func = lambda_svc._functions.get(props.get("FunctionName"))
    if func and props.get("DeadLetterConfig"):
        func["config"]["DeadLetterConfig"] = props["DeadLetterConfig"]


def fail_lambda(command):
    with guard:
        failing[command["function"]] = command["times"]
    return {}


def dead_letters(command):
    """The bodies of the messages in a queue; they are removed from it."""
    found = [queue for queue in sqs._queues.values() if queue["attributes"]["QueueArn"].endswith(":" + command["queue"])]
    bodies = [json.loads(message["body"]) for queue in found for message in queue["messages"]]
    for queue in found:
        queue["messages"].clear()
    return {"bodies": bodies}


# 2. Athena
reasons, throttled = [], 0
start_query, execute_query = athena._start_query_execution, athena._execute_query


def throttle_or_start(data):
    global throttled
    with guard:
        is_throttled, throttled = throttled > 0, max(0, throttled - 1)
    if is_throttled:
        return json_answer(400, '{"__type":"TooManyRequestsException","Message":"You have exceeded the limit for the number of queries you can run concurrently"}')
    return start_query(data)


async def fail_or_execute(query_id, query, *rest, **more):
    execution = athena._executions.get(query_id)
    with guard:
        reason = reasons.pop(0) if reasons and query.startswith("MERGE") else None
    if reason and execution:
        execution["Status"].update(State="FAILED", StateChangeReason=reason, CompletionDateTime=int(time.time()))
        return
    await execute_query(query_id, query, *rest, **more)


athena._start_query_execution = throttle_or_start
athena._execute_query = fail_or_execute


def fail_statements(command):
    global throttled
    with guard:
        reasons[:] = command["reasons"]
        throttled = command["throttled"]
    return {}


def faults_left(command):
    with guard:
        return {"reasons": len(reasons), "throttled": throttled}


# 3. S3
rules = {}


def keep_rules(props):
    if props.get("BucketName"):
        rules[props["BucketName"]] = (props.get("LifecycleConfiguration") or {}).get("Rules", [])


def age_of(entry, now):
    made = datetime.datetime.fromisoformat(str(entry["last_modified"]).replace("Z", "+00:00"))
    return (now - made.timestamp()) / 86_400


def expire(command):
    """Objects and old versions that are too old at `at`, by the rules of each bucket."""
    now, objects, versions = command["at"], {}, 0
    for bucket, own in rules.items():
        days = [(rule.get("Prefix", ""), int(rule["ExpirationInDays"])) for rule in own if rule.get("ExpirationInDays")]
        held = (s3._buckets.get(bucket) or {"objects": {}})["objects"]
        for key, entry in list(held.items()):
            if any(key.startswith(prefix) and age_of(entry, now) > limit for prefix, limit in days):
                s3._delete_object(bucket, key)
                objects[key.split("/")[0]] = objects.get(key.split("/")[0], 0) + 1
        old = [(rule.get("Prefix", ""), int(rule["NoncurrentVersionExpiration"]["NoncurrentDays"])) for rule in own if rule.get("NoncurrentVersionExpiration")]
        for (name, key), entries in list(s3._object_versions.items()):
            if name != bucket:
                continue
            # A version is old since the next one was made.
            for entry, later in list(zip(entries, entries[1:])):
                if any(key.startswith(prefix) and age_of(later, now) > limit for prefix, limit in old):
                    s3._delete_object(bucket, key, query_params={"versionId": entry["version_id"]})
                    versions += 1
    return {"objects": objects, "versions": versions}


# 4. CloudFormation
refused = set()


def fail_resource(command):
    refused.add(command["type"])
    return {}


def observed(kind, keep):
    """The maker of a type of resource, which may be refused once, and whose properties are kept."""
    maker = handlers[kind]
    create, update = maker["create"], maker.get("update")

    def made(logical_id, props, stack, *rest, **more):
        if kind in refused:
            refused.remove(kind)
            raise ValueError(f"{kind}: the maximum number of these has been reached")
        result = create(logical_id, props, stack, *rest, **more)
        keep(props)
        return result

    def changed(physical_id, old, new, stack, *rest, **more):
        result = update(physical_id, old, new, stack, *rest, **more)
        keep(new)
        return result

    handlers[kind] = {**maker, "create": made, **({"update": changed} if update else {})}


def delete_empty_bucket(physical_id, *rest, delete=handlers["AWS::S3::Bucket"]["delete"]):
    if keys_in(physical_id):
        raise ValueError(f"The bucket you tried to delete is not empty: {physical_id}")
    return delete(physical_id, *rest)


def keys_in(bucket):
    """Keys of which the bucket has an object, or an old version of one."""
    objects = (s3._buckets.get(bucket) or {"objects": {}})["objects"]
    return {*objects, *(key for (name, key), entries in s3._object_versions.items() if name == bucket and entries)}


def named(command):
    kinds = {"bucket": s3._buckets, "database": glue._databases, "workgroup": athena._workgroups, "alias": kms._aliases,
             "Lambda": lambda_svc._functions, "secret": secretsmanager._secrets, "queue": sqs._queues}
    return {"found": [f"{kind} {name}" for kind, held in kinds.items() for name in list(held) if re.search(command["pattern"], str(name))]}


def empty(command):
    for bucket in [name for name in list(s3._buckets) if re.search(command["pattern"], name)]:
        for key in keys_in(bucket):
            for entry in list(s3._object_versions.get((bucket, key)) or [{"version_id": "null"}]):
                s3._delete_object(bucket, key, query_params={"versionId": entry["version_id"]})
        if command["delete"]:
            delete_empty_bucket(bucket, {})
    return {}


handlers["AWS::S3::Bucket"] = {**handlers["AWS::S3::Bucket"], "delete": delete_empty_bucket}
observed("AWS::Lambda::Function", keep_dead_letters)
observed("AWS::S3::Bucket", keep_rules)
observed("AWS::Athena::WorkGroup", lambda props: None)

COMMANDS = {"failLambda": fail_lambda, "deadLetters": dead_letters, "failStatements": fail_statements, "faultsLeft": faults_left,
            "expire": expire, "failResource": fail_resource, "named": named, "empty": empty}
