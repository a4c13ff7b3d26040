"""The stand-in of test/engines/stand-in with what this app needs besides. Run by `standin.ts`.

 1. CloudFormation: AWS::Budgets::Budget and AWS::Athena::NamedQuery, by ministack's own APIs; without them the template is refused.
 2. Scheduler: its clock is the simulated one; `<aws.scheduler.*>` in a target's input are replaced, as AWS does.
 3. Athena: a ClientRequestToken makes a repeated request the same execution.
 4. Glue: versions of tables, with a quota: see glue_versions.py.
 5. Dead letters, statements that fail, objects that expire, resources that are refused: see aws_faults.py.
 6. Commands by standard input, one JSON object a line, an answer a line: see COMMANDS. At the end of the input all ends.
"""
import datetime, importlib, json, os, re, signal, subprocess, sys, threading, time

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # ministack logs to standard output, which is for answers here

from ministack.services import athena, budgets, eventbridge, lambda_svc, scheduler
from ministack.services.cloudformation import provisioners
from ministack.core import lambda_runtime

BY_MINISTACK = set(provisioners._RESOURCE_HANDLERS)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../engines/stand-in"))
importlib.import_module("aws_standin")
import glue_versions
import aws_faults
BY_ENGINES = set(provisioners._RESOURCE_HANDLERS) - BY_MINISTACK


# 1. CloudFormation
def budget_create(logical_id, props, stack):
    budget = dict(props["Budget"])
    name = budget.setdefault("BudgetName", f"{stack}-{logical_id}")
    limit = budget.get("BudgetLimit")
    if limit:
        budget["BudgetLimit"] = {"Amount": str(limit["Amount"]), "Unit": limit["Unit"]}
    if name in budgets._budgets:
        raise ValueError(f"budget {name} already exists")
    refused = budgets._create_budget({"Budget": budget, "NotificationsWithSubscribers": props.get("NotificationsWithSubscribers", [])})
    if refused[0] >= 300:
        raise ValueError(str(refused[2])[:300])
    return name, {}


def budget_delete(name, props):
    budgets._budgets.pop(name, None)


def budget_update(name, old, new, stack, logical_id=None):
    budget_delete(name, old)
    return budget_create(logical_id, new, stack)


provisioners._RESOURCE_HANDLERS["AWS::Budgets::Budget"] = {
    "create": budget_create, "update": budget_update, "delete": budget_delete, "update_with_logical_id": True}


def named_query_create(logical_id, props, stack):
    made = athena._create_named_query(props)
    return json.loads(made[2])["NamedQueryId"], {}


def named_query_delete(query_id, props):
    athena._delete_named_query({"NamedQueryId": query_id})


def named_query_update(query_id, old, new, stack, logical_id=None):
    named_query_delete(query_id, old)
    return named_query_create(logical_id, new, stack)


provisioners._RESOURCE_HANDLERS["AWS::Athena::NamedQuery"] = {
    "create": named_query_create, "update": named_query_update, "delete": named_query_delete, "update_with_logical_id": True}
HERE = set(provisioners._RESOURCE_HANDLERS) - BY_MINISTACK - BY_ENGINES

# 2. Scheduler
class SimulatedTime:
    """The module `time` as the Scheduler sees it: its clock stands until it is set."""

    at = float(os.environ.get("STANDIN_AT", time.time()))

    def time(self):
        return self.at

    def sleep(self, seconds):
        time.sleep(seconds)


clock = SimulatedTime()
scheduler.time = clock
scheduler._SCHEDULE_TICK_INTERVAL = 0.2
sweep, invoke_target = scheduler._tick_schedules, eventbridge._invoke_target
sweeps, fired = 0, []


def counted_sweep():
    global sweeps
    sweep()
    sweeps += 1


def invoke_scheduled(target, event, rule, view=None):
    if event.get("Source") == "aws.scheduler" and target.get("Input"):
        due = datetime.datetime.fromtimestamp(event["Time"], datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = {"scheduled-time": due, "schedule-arn": rule.get("Arn", ""), "execution-id": event["EventId"], "attempt-number": "1"}
        text = re.sub(r"<aws\.scheduler\.([a-z-]+)>", lambda m: words.get(m[1], m[0]), target["Input"])
        target = {**target, "Input": text}
        fired.append({"schedule": rule.get("Name"), "input": text})
    return invoke_target(target, event, rule, view)


scheduler._tick_schedules = counted_sweep
eventbridge._invoke_target = invoke_scheduled


def set_clock(command):
    """Sets the Scheduler's clock and waits for its own thread to have looked twice."""
    fired.clear()
    clock.at = command["at"]
    until = sweeps + 2
    while sweeps < until:
        time.sleep(0.05)
    return {"fired": list(fired)}


# 3. Athena
start_query = athena._start_query_execution
tokens, victim, killed, begun = {}, None, None, []


def start_once(data):
    global victim, killed
    query = data.get("QueryString", "")
    if (victim or killed) and query.startswith("MERGE"):
        # Of several MERGEs at once, another request of the killed process may still arrive.
        if victim:
            killed, victim = victim, None
            kill_worker(killed)
        return 500, {"Content-Type": "application/x-amz-json-1.1"}, b'{"__type":"InternalServerException"}'
    token = data.get("ClientRequestToken")
    known = tokens.get(token) if token else None
    if known:
        if known[1] != query:
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(
                {"__type": "InvalidRequestException", "message": "Idempotent parameters do not match"}).encode()
        return known[0]
    answer = start_query(data)
    if token and answer[0] == 200:
        tokens[token] = answer, query
    begun.append(query.split(None, 1)[0].upper())
    return answer


athena._start_query_execution = start_once

# 6. Commands
done, busy, guard = [], {}, threading.Lock()
dispatch = lambda_svc._execute_function_dispatch


def noted_dispatch(func, config, event, request_id, started):
    global killed
    name = config.get("FunctionName")
    if name == killed:
        killed = None
    with guard:
        busy[request_id] = name
    result = {"error": True, "body": "the stand-in failed"}
    try:
        result = dispatch(func, config, event, request_id, started)
        return result
    finally:
        with guard:
            del busy[request_id]
            done.append({"function": name, "event": event, "ms": round((time.time() - started) * 1000),
                         "failed": bool(result.get("error")), "body": result.get("body"), "log": str(result.get("log", ""))[-20000:]})


lambda_svc._execute_function_dispatch = noted_dispatch


def kill_worker(name):
    for workers in list(lambda_runtime._workers.values()):
        for worker in workers:
            if worker.func_name == name and worker.in_use and worker._proc and worker._proc.poll() is None:
                os.kill(worker._proc.pid, signal.SIGKILL)


def invocations(command):
    """What ended since the last question, and how many are under way."""
    with guard:
        ended = list(done)
        done.clear()
        return {"ended": ended, "busy": sorted(busy.values())}


def kill_at_merge(command):
    """The next MERGE does not begin; the named function's process is killed instead."""
    global victim
    victim = command["function"]
    return {}


def describe(command):
    node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    return {"node": node, "byMinistack": sorted(BY_MINISTACK), "byEngines": sorted(BY_ENGINES), "here": sorted(HERE)}


def statements(command):
    """First words of the statements that Athena was given since the last question."""
    seen = list(begun)
    begun.clear()
    return {"words": {word: seen.count(word) for word in sorted(set(seen))}}


COMMANDS = {"clock": set_clock, "invocations": invocations, "killAtMerge": kill_at_merge, "describe": describe, "statements": statements, **glue_versions.COMMANDS, **aws_faults.COMMANDS}


def serve_commands():
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = COMMANDS[command["do"]](command)
        except Exception as error:
            answer = {"failure": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=str) + "\n")
    end_all()


def end_all():
    """The test is gone: nothing of it stays behind, Trino included."""
    for workers in list(lambda_runtime._workers.values()):
        lambda_runtime.kill_workers(workers)
    try:
        with open(os.environ["TRINO_PIDFILE"]) as file:
            os.kill(int(file.read()), signal.SIGTERM)
    except (KeyError, OSError, ValueError):
        pass
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=serve_commands, daemon=True).start()
    sys.argv = sys.argv[:1]
    from ministack.app import main
    main()
