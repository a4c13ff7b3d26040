#!/usr/bin/env bash
# superset.sh VENV FOLDER: imports FOLDER/superset into an empty Superset in FOLDER, and computes the metrics of its datasets.
set -euo pipefail
V=$1 H=$2/superset-home
mkdir -p "$H"
cat > "$H/superset_config.py" <<X
SECRET_KEY = "loopback-test-only-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
SQLALCHEMY_DATABASE_URI = "sqlite:///$H/superset.db"
TALISMAN_ENABLED = False
X
export SUPERSET_CONFIG_PATH=$H/superset_config.py SUPERSET_HOME=$H FLASK_APP=superset
{
  "$V/bin/superset" db upgrade
  "$V/bin/superset" fab create-admin --username admin --firstname a --lastname b --email a@example.invalid --password admin
  "$V/bin/superset" init
  "$V/bin/superset" import-directory -o "$2/superset"
} > "$H/setup.log" 2>&1 || { tail -40 "$H/setup.log" >&2; exit 1; }
"$V/bin/python" "$(dirname "$0")/superset_metrics.py"
