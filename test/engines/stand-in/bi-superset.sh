#!/usr/bin/env bash
# Apache Superset as a real BI client of the stand-in: installs it (pinned, about 2 minutes), starts it on loopback, then
# bi_superset.py adds the Athena database over REST, lists schemas, runs a query, makes a dataset and asks for chart data.
# Usage: bi-superset.sh SCHEMA TABLE TIMECOLUMN WORKGROUP S3_STAGING_DIR     (aws-up.sh and trino-up.sh first)
. "$(dirname "$0")/lib.sh"
V=$RUN/superset; H=$RUN/superset-home; mkdir -p "$H"
if [ ! -x "$V/bin/superset" ]; then
  python3 -m venv "$V"
  "$V/bin/pip" install -q --disable-pip-version-check -r "$HERE/requirements-superset.txt"
fi
cat > "$H/superset_config.py" <<X
SECRET_KEY = "loopback-test-only-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
SQLALCHEMY_DATABASE_URI = "sqlite:///$H/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
X
export SUPERSET_CONFIG_PATH=$H/superset_config.py SUPERSET_HOME=$H FLASK_APP=superset SUPERSET_PORT=${SUPERSET_PORT:-18088}
export AWS_ENDPOINT_URL=http://127.0.0.1:$AWS_PORT AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
rm -f "$H/superset.db"
"$V/bin/superset" db upgrade > "$H/setup.log" 2>&1
"$V/bin/superset" fab create-admin --username admin --firstname a --lastname b --email a@example.invalid --password admin >> "$H/setup.log" 2>&1
"$V/bin/superset" init >> "$H/setup.log" 2>&1
stop "$RUN/superset.pid"
nohup "$V/bin/superset" run -h 127.0.0.1 -p "$SUPERSET_PORT" > "$H/run.log" 2>&1 &
echo $! > "$RUN/superset.pid"
trap 'stop "$RUN/superset.pid"' EXIT
wait_for "$RUN/superset.pid" 60 curl -sf "http://127.0.0.1:$SUPERSET_PORT/health"
"$PY" "$HERE/bi_superset.py" "$@"
