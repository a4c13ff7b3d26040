#!/usr/bin/env bash
# What only a real AWS account can show: docs/verify-on-aws.md explains each check. Steps without a name in CHANGES only read.
# usage: scripts/verify-aws.sh [--stage NAME] [--prefix DATABASE] [--list] [--change] [CHECK…]
set -uo pipefail
cd "$(dirname "$0")/.."

stage=sandbox
prefix=callhouse_sandbox
change=false
chosen=()
CHECKS=(deployed update reader merge-bytes versions metrics vacuum mail update-count destroy)
# These invoke Lambdas, or run statements that write; they run only with --change.
CHANGES=(versions vacuum mail update-count)

while [ $# -gt 0 ]; do
  case $1 in
    --stage) stage=${2:?--stage needs a name}; shift 2 ;;
    --prefix) prefix=${2:?--prefix needs the databasePrefix of the stage}; shift 2 ;;
    --change) change=true; shift ;;
    --list) printf '%s\n' "${CHECKS[@]}"; exit 0 ;;
    -*) echo "unknown option $1; see the top of scripts/verify-aws.sh" >&2; exit 2 ;;
    *) chosen+=("$1"); shift ;;
  esac
done
[ ${#chosen[@]} -gt 0 ] || chosen=("${CHECKS[@]}")
for name in "${chosen[@]}"; do
  [[ " ${CHECKS[*]} " == *" $name "* ]] || { echo "there is no check $name; expected one of ${CHECKS[*]}" >&2; exit 2; }
done

export AWS_MAX_ATTEMPTS=1 AWS_PAGER=''
etl=callhouse-$stage-etl
passed=0
failed=0

say() { echo "    $*"; }
result() { # result CHECK ok|FAILED|LOOK TEXT
  echo "$2 $1: $3"
  case $2 in ok) passed=$((passed + 1)) ;; FAILED) failed=$((failed + 1)) ;; esac
}
query() { # query SQL: runs it in the workgroup of the pipeline, sets $execution, prints the state
  execution=$(aws athena start-query-execution --work-group "$etl" --query-string "$1" --query QueryExecutionId --output text) || return 1
  local state=QUEUED
  while [ "$state" = QUEUED ] || [ "$state" = RUNNING ]; do
    sleep 2
    state=$(aws athena get-query-execution --query-execution-id "$execution" --query QueryExecution.Status.State --output text) || return 1
  done
  [ "$state" = SUCCEEDED ] || { say "$(aws athena get-query-execution --query-execution-id "$execution" --query QueryExecution.Status.StateChangeReason --output text)"; return 1; }
}
invoke() { # invoke LAMBDA: prints the answer
  local answer
  answer=$(mktemp)
  aws lambda invoke --cli-read-timeout 900 --function-name "callhouse-$stage-$1" --cli-binary-format raw-in-base64-out \
    --payload "{\"at\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"}" "$answer" >/dev/null && cat "$answer"
  rm -f "$answer"
}
versions_of() { aws glue get-table-versions --database-name "$prefix" --table-name "$1" --query 'length(TableVersions)' --output text; }
# The last statement of the pipeline that begins with the words, as JSON.
last_statement() {
  local ids
  ids=$(aws athena list-query-executions --work-group "$etl" --max-results 50 --query QueryExecutionIds --output text) || return 1
  # shellcheck disable=SC2086
  aws athena batch-get-query-execution --query-execution-ids $ids \
    --query "QueryExecutions[?starts_with(Query, '$1')] | [0]" --output json
}

check_deployed() {
  local states
  states=$(aws cloudformation describe-stacks --query "Stacks[?starts_with(StackName, 'Callhouse-$stage-')].StackStatus" --output text)
  if [ "$(wc -w <<<"$states")" -eq 3 ] && ! grep -qv 'COMPLETE' <(tr '\t' '\n' <<<"$states"); then result deployed ok "$states"
  else result deployed FAILED "expected three stacks in CREATE_COMPLETE or UPDATE_COMPLETE, saw: ${states:-none}"; fi
}
check_update() {
  local type
  type=$(aws glue get-table --database-name "$prefix" --name loads --query 'Table.Parameters.table_type' --output text)
  if [ "$type" = ICEBERG ]; then result update ok "loads is an Iceberg table; repeat after the deployment of another column"
  else result update FAILED "expected table_type ICEBERG for $prefix.loads, saw ${type:-nothing}"; fi
}
check_reader() {
  if query "SELECT count(*) FROM \"$prefix\".\"calls\""; then result reader ok "the view calls answers; now read it through JDBC as the role BiReaderRole"
  else result reader FAILED "the view calls of $prefix cannot be read"; fi
}
check_merge-bytes() {
  local merge
  merge=$(last_statement "MERGE INTO \"${prefix}_phi\"")
  if [ "${merge:-null}" = null ]; then result merge-bytes LOOK "no MERGE into ${prefix}_phi among the last 50 statements; load first"
  else result merge-bytes LOOK "$(grep -E '"(DataScannedInBytes|TotalExecutionTimeInMillis)"' <<<"$merge" | tr -d ' \n') (expected: far below the size of a month of the table)"; fi
}
check_versions() {
  local before after
  before=$(versions_of loads)
  for _ in 1 2 3; do invoke load >/dev/null; done
  after=$(versions_of loads)
  result versions LOOK "$before versions of loads before three loads, $after after them (expected: at most one more for each load that had commits)"
  say "$(invoke maintain)"
  after=$(versions_of loads)
  if [ "$after" -le 10 ]; then result versions ok "$after after the maintenance"
  else result versions FAILED "$after after the maintenance; expected at most 10"; fi
}
check_metrics() {
  aws cloudwatch list-metrics --namespace AWS/Athena --metric-name ProcessedBytes \
    --query "Metrics[?Dimensions[?Value=='callhouse-$stage-bi']].Dimensions[].Name" --output text
  local own
  own=$(aws cloudwatch list-metrics --namespace Callhouse --dimensions "Name=stage,Value=$stage" --query 'Metrics[].MetricName' --output text)
  if grep -q ScannedBytes <<<"$own"; then result metrics ok "$own"
  else result metrics FAILED "expected ScannedBytes among the metrics of Callhouse, saw: ${own:-none}"; fi
}
check_vacuum() {
  if query "VACUUM $prefix.loads" && query "VACUUM ${prefix}_phi.zudu_calls"; then result vacuum ok "VACUUM succeeds, also of a table that may have no snapshot"
  else result vacuum FAILED "VACUUM fails; the nightly maintenance would report it for each table without rows"; fi
}
check_mail() {
  aws cloudwatch set-alarm-state --alarm-name "callhouse-$stage-failed-check" --state-value ALARM --state-reason 'verify-aws.sh' &&
    result mail LOOK "an alarm was set; expected within minutes: a mail of it, through the encrypted topic"
}
check_update-count() {
  local loaded
  loaded=$(invoke load)
  result update-count LOOK "$loaded (expected after an extraction with new rows: rows in changed, not 0)"
}
check_destroy() {
  result destroy LOOK "run: npx cdk destroy --all -c stage=$stage, after you emptied the lake and the safe bucket (expected: all three stacks are gone, the bucket of the access logs remains)"
}

for name in "${chosen[@]}"; do
  if [[ " ${CHANGES[*]} " == *" $name "* ]] && [ "$change" = false ]; then
    echo "SKIPPED $name: it invokes Lambdas or writes; add --change"
    continue
  fi
  "check_$name"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
