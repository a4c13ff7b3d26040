"""Athena's SQL on Trino: what Athena takes and Trino does not is translated; the rest goes to Trino unchanged."""
import os, re

import trino

CAT = "awsdatacatalog"
ICE = "awsdatacatalog_iceberg"
HIVE_TYPES = [(r"\bstring\b", "varchar"), (r"\bint\b", "integer"), (r"\bfloat\b", "real"), (r"\bbinary\b", "varbinary"),
              (r"\btimestamp\b(?!\s*\()", "timestamp(6)")]


def name_of(raw, db):
    """`(schema, table)` of a name as Athena takes it: one or two parts, with or without quotes."""
    parts = [p.strip('`"') for p in raw.split(".")]
    if len(parts) == 1:
        parts = [db] + parts
    return parts[-2], parts[-1]


def columns_of(body):
    """Column definitions with Hive's types, as Trino takes them."""
    for pat, to in HIVE_TYPES:
        body = re.sub(pat, to, body, flags=re.I)
    return re.sub(r"`([^`]+)`", r'"\1"', body)


def properties_of(text):
    return dict(re.findall(r"'([^']+)'\s*=\s*'([^']*)'", text or ""))


def split_columns(text):
    depth, parts, part = 0, [], ""
    for c in text:
        depth += (c in "(<") - (c in ")>")
        if c == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    return [*parts, part]


def athena_to_trino(sql, db):
    """Translates an Athena statement. Returns Trino's statement, a list of them, or None for Hive DDL that ministack reads."""
    q = re.sub(r"\b(month|day|year|hour)\(`(\w+)`\)", r"\1(\2)", sql).strip().rstrip(";").strip()
    f = dict(flags=re.I | re.S)
    if m := re.fullmatch(r"ALTER\s+TABLE\s+(\S+)\s+ADD\s+COLUMNS\s*\((.*)\)", q, **f):
        d, t = name_of(m[1], db)
        return [f'ALTER TABLE {ICE}."{d}"."{t}" ADD COLUMN {columns_of(c.strip())}' for c in split_columns(m[2])]
    if m := re.fullmatch(r"MSCK\s+REPAIR\s+TABLE\s+(\S+)", q, **f):
        d, t = name_of(m[1], db)
        return f"CALL {CAT}.system.sync_partition_metadata('{d}', '{t}', 'ADD')"
    if m := re.fullmatch(r"SHOW\s+PARTITIONS\s+(\S+)", q, **f):
        d, t = name_of(m[1], db)
        return f'SELECT * FROM {CAT}."{d}"."{t}$partitions"'
    if m := re.fullmatch(r"(SHOW\s+(?:CREATE\s+(?:TABLE|VIEW)|COLUMNS\s+(?:IN|FROM))|DESCRIBE(?:\s+FORMATTED)?)\s+(\S+)", q, **f):
        d, t = name_of(m[2], db)
        return f'{re.sub("FORMATTED", "", m[1], flags=re.I).strip()} {CAT}."{d}"."{t}"'
    if m := re.fullmatch(r"SHOW\s+DATABASES(.*)", q, **f):
        return f"SHOW SCHEMAS FROM {CAT}{m[1]}"
    if m := re.fullmatch(r"OPTIMIZE\s+(\S+)\s+REWRITE\s+DATA\s+USING\s+BIN_PACK(\s+WHERE\s+.+)?", q, **f):
        d, t = name_of(m[1], db)
        return f'ALTER TABLE {ICE}."{d}"."{t}" EXECUTE optimize{m[2] or ""}'
    if m := re.fullmatch(r"VACUUM\s+(\S+)", q, **f):
        d, t = name_of(m[1], db)
        return f'ALTER TABLE {ICE}."{d}"."{t}" EXECUTE expire_snapshots(retention_threshold => \'7d\')'
    m = re.fullmatch(r"CREATE\s+TABLE\s+(IF\s+NOT\s+EXISTS\s+)?([\w.`\"]+)\s*\((.*?)\)\s*(?:COMMENT\s+'[^']*'\s*)?(?:PARTITIONED\s+BY\s*\((.*)\)\s*)?LOCATION\s+'([^']+)'\s*TBLPROPERTIES\s*\((.*)\)", q, **f)
    if m and properties_of(m[6]).get("table_type", "").upper() == "ICEBERG":
        d, t = name_of(m[2], db)
        parts = []
        for p in re.findall(r"\w+\([^)]*\)|[^,\s][^,]*", m[4] or ""):
            p = p.strip().strip("`")
            if g := re.fullmatch(r"(bucket|truncate)\((\d+),\s*(\w+)\)", p, **f):
                p = f"{g[1]}({g[3]}, {g[2]})"
            parts.append(f"'{p}'")
        part = f", partitioning = ARRAY[{', '.join(parts)}]" if parts else ""
        return (f"CREATE TABLE {m[1] or ''}{ICE}.\"{d}\".\"{t}\" ({columns_of(m[3])}) "
                f"WITH (format = 'PARQUET', format_version = 2, location = '{m[5].rstrip('/')}'{part})")
    m = re.match(r"CREATE\s+TABLE\s+([\w.`\"]+)\s+WITH\s*\((.*?)\)\s*AS\s", q, **f)
    if m and re.search(r"table_type\s*=\s*'ICEBERG'", m[2], re.I):
        d, t = name_of(m[1], db)
        keep = [p for p in re.findall(r"(\w+\s*=\s*(?:'[^']*'|ARRAY\s*\[[^\]]*\]|\w+))", m[2], flags=re.I)
                if p.split("=")[0].strip().lower() in ("format", "location", "partitioning")]
        return f'CREATE TABLE {ICE}."{d}"."{t}" WITH ({", ".join(keep)}) AS {q[m.end():]}'
    if re.match(r"(CREATE\s+EXTERNAL\s+TABLE|ALTER\s+TABLE\s+\S+\s+(ADD|DROP)\s+(IF\s+(NOT\s+)?EXISTS\s+)?PARTITION)\b", q, **f):
        return None
    if m := re.fullmatch(r"DROP\s+(TABLE|VIEW)\s+(IF\s+EXISTS\s+)?(\S+)", q, **f):
        d, t = name_of(m[3], db)
        return f'DROP {m[1]} {m[2] or ""}{CAT}."{d}"."{t}"'
    q = re.sub(r"\bCREATE\s+DATABASE\b", "CREATE SCHEMA", q, flags=re.I)
    return re.sub(r"\bDROP\s+DATABASE\b", "DROP SCHEMA", q, flags=re.I)


def run_trino(sql, db):
    """Runs a statement, or several in turn, on the Trino of $TRINO_PORT. Returns the last one's columns, types, rows and bytes read."""
    if isinstance(sql, list):
        return [run_trino(part, db) for part in sql][-1]
    cur = trino.dbapi.connect(host="127.0.0.1", port=int(os.environ.get("TRINO_PORT", "18080")), user="athena", catalog=CAT,
                              schema=db, legacy_primitive_types=True, timezone="UTC").cursor()
    try:
        cur.execute(sql)
        rows = cur.fetchall()
    except trino.exceptions.TrinoQueryError as e:
        raise ValueError(f"{e.error_name}: {e.message}") from e
    types = [re.sub(r"\(.*", "", d[1]) for d in cur.description or []]
    head = sql.lstrip(" (").split(None, 1)[0].lower()
    if head in ("select", "with", "show", "describe", "values", "explain", "execute"):
        out = {"columns": [d[0] for d in cur.description or []], "column_types": types, "rows": [list(r) for r in rows]}
    elif head in ("insert", "merge", "update", "delete"):
        out = {"columns": ["rows"], "column_types": ["bigint"], "rows": [[cur.rowcount]]}
    else:
        out = {"columns": [], "column_types": [], "rows": []}
    out["scanned"] = (cur.stats or {}).get("physicalInputBytes") or 0
    return out
