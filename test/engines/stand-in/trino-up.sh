#!/usr/bin/env bash
# Starts Trino on 127.0.0.1:$TRINO_PORT with the catalogs
#   awsdatacatalog          hive connector  on the stand-in's Glue + S3 (what Athena calls AwsDataCatalog)
#   awsdatacatalog_iceberg  iceberg connector on the same Glue + S3 (reached through awsdatacatalog by redirection)
#   localhive / localice    the same connectors on plain folders under $ENGINES_HOME/warehouse (no AWS API at all)
#   memory                  tables in memory, lost when it stops
. "$(dirname "$0")/lib.sh"
E=$RUN/trino-etc; D=$RUN/trino-server-$TRINO_VERSION
rm -rf "$E" "$RUN/plugin"; mkdir -p "$E/catalog" "$RUN/plugin" "$RUN/warehouse" "$RUN/trino-data"
for p in hive iceberg memory tpch; do ln -s "$D/plugin/$p" "$RUN/plugin/$p"; done
cat > "$E/node.properties" <<X
node.environment=standin
node.id=standin-1
node.data-dir=$RUN/trino-data
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
X
cat > "$E/config.properties" <<X
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port=$TRINO_PORT
discovery.uri=http://127.0.0.1:$TRINO_PORT
query.max-memory=1GB
query.max-memory-per-node=1GB
memory.heap-headroom-per-node=400MB
plugin.dir=$RUN/plugin
X
# The compiler C2 pays back in hours: without it, starting and a run of minutes take a third less of the processors.
cat > "$E/jvm.config" <<X
-server
-Xmx${TRINO_HEAP:-2G}
-XX:+UseG1GC
-XX:TieredStopAtLevel=1
-XX:+ExitOnOutOfMemoryError
-XX:ReservedCodeCacheSize=256M
-Djdk.attach.allowAttachSelf=true
-Dfile.encoding=UTF-8
-Duser.timezone=UTC
-XX:+EnableDynamicAgentLoading
--enable-native-access=ALL-UNNAMED
X
aws="hive.metastore.glue.endpoint-url=http://127.0.0.1:$AWS_PORT
hive.metastore.glue.region=us-east-1
hive.metastore.glue.aws-access-key=test
hive.metastore.glue.aws-secret-key=test
fs.hadoop.enabled=false
fs.native-s3.enabled=true
s3.endpoint=http://127.0.0.1:$AWS_PORT
s3.region=us-east-1
s3.path-style-access=true
s3.aws-access-key=test
s3.aws-secret-key=test"
loc="fs.hadoop.enabled=false
fs.native-local.enabled=true
local.location=$RUN/warehouse"
hive="connector.name=hive
hive.security=allow-all
hive.non-managed-table-writes-enabled=true
hive.partition-projection-enabled=true
hive.ignore-absent-partitions=true"
printf '%s\nhive.metastore=glue\nhive.metastore-cache-ttl=0s\nhive.iceberg-catalog-name=awsdatacatalog_iceberg\n%s\n' "$hive" "$aws" > "$E/catalog/awsdatacatalog.properties"
printf 'connector.name=iceberg\niceberg.catalog.type=glue\niceberg.security=allow-all\n%s\n' "$aws" > "$E/catalog/awsdatacatalog_iceberg.properties"
printf '%s\nhive.metastore=file\nhive.metastore.catalog.dir=local:///hms\n%s\n' "$hive" "$loc" > "$E/catalog/localhive.properties"
printf 'connector.name=iceberg\niceberg.catalog.type=TESTING_FILE_METASTORE\nhive.metastore.catalog.dir=local:///ice\n%s\n' "$loc" > "$E/catalog/localice.properties"
echo "connector.name=tpch" > "$E/catalog/tpch.properties"
echo "connector.name=memory" > "$E/catalog/memory.properties"
stop "$RUN/trino.pid"
export JAVA_HOME; JAVA_HOME=$(java_home); export PATH=$JAVA_HOME/bin:$PATH
nohup "$D/bin/launcher" --etc-dir "$E" run > "$RUN/trino.log" 2>&1 &
echo $! > "$RUN/trino.pid"
wait_for "$RUN/trino.pid" 180 grep -q "SERVER STARTED" "$RUN/trino.log" || { grep -E "ERROR|^[0-9]+\)" "$RUN/trino.log" | head >&2; exit 1; }
# started is not ready: for a second or so queries fail with NO_NODES_AVAILABLE
wait_for "$RUN/trino.pid" 60 "$PY" "$HERE/trino_query.py" "$HERE/ready.sql" tpch tiny || { echo "Trino has no node" >&2; exit 1; }
grep -o "Server startup completed in .*" "$RUN/trino.log"
