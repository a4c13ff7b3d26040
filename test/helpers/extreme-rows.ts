import { loads } from '../../schemas/bookkeeping.ts';
import type { ColumnType } from '../../schemas/column.ts';
import { columnsIn } from '../../schemas/layout.ts';
import { OWN_TABLES } from '../../schemas/own-tables.ts';
import type { Table } from '../../schemas/table.ts';

/** Least and greatest instant and day, and what both engines call a list. */
export interface Extremes {
  readonly instants: readonly string[];
  readonly days: readonly string[];
  readonly list: (number: string) => string;
}

/** Extremes that both engines and their table formats can hold. */
export const SHARED: Extremes = {
  instants: ["TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999'"],
  days: ["DATE '0001-01-01'", "DATE '9999-12-31'"],
  list: (number) => `ARRAY[${number}]`,
};

/** Those, and extremes that only DuckDB can hold. */
export const DUCKDB: Extremes = {
  instants: [...SHARED.instants, "TIMESTAMP '290309-12-22 (BC) 00:00:00'", "TIMESTAMP '294247-01-10 04:00:54.775806'"],
  days: [...SHARED.days, "DATE '5877642-06-25 (BC)'", "DATE '5881580-07-10'"],
  list: (number) => `[${number}]`,
};

/** The least, the greatest and a usual value of every numeric type, and null. */
const NUMBERS = {
  bigint: ["CAST('-9223372036854775808' AS bigint)", '9223372036854775807', '2', 'NULL'],
  double: ['-1.7976931348623157e308', '1.7976931348623157e308', '0.5e0', 'NULL'],
  decimal: [
    ...["CAST('-999999999999.999999' AS decimal(18,6))", "CAST('999999999999.999999' AS decimal(18,6))"],
    'CAST(1 AS decimal(18,6))',
    'NULL',
  ],
};

/** Values of text columns by which views select rows. */
const WORDS: Readonly<Record<string, string>> = {
  scope: "'organization'",
  event: "'read'",
  direction: "'inbound'",
  'loads.status': "'ok'",
  'loads.stream': "'calls'",
  'solum_calls.status': "'follow_up_needed'",
  'call_versions.source': "'solum'",
  'call_versions.status': "'follow_up_needed'",
  'solum_calls.type': "'inboundPhoneCall'",
  'kismet_call_audit_changes.field': "'is_ended'",
  user_id: "'9223372036854775807'",
};

/** A run of the calls of an account without rows, so that `key_figures` has a period. */
const RUN: Readonly<Record<string, string>> = {
  ...{ load_id: "'r'", source: "'kalem'", account: "'read'", stream: "'calls'", status: "'ok'", window_from: 'NULL' },
  ...{ window_to: "TIMESTAMP '2026-03-03 12:00:00'", vendor_total: 'NULL' },
  ...{ started_at: "TIMESTAMP '2026-03-03 00:00:00'", ended_at: "TIMESTAMP '2026-03-03 00:00:00'" },
};

/** A table of the safe database with rows, as SQL. */
export interface ExtremeTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: readonly (readonly string[])[];
}

/** Each table with two rows of each kind of value in an account for that kind (`n0i0` …), and all of these rows again in account `all`. */
export function extremeTables(tables: readonly Table[], extremes: Extremes): readonly ExtremeTable[] {
  const instants = ["TIMESTAMP '2026-03-01 12:00:00'", ...extremes.instants, 'NULL'];
  const kinds = NUMBERS.bigint.flatMap((_, number) => instants.map((_instant, instant) => ({ number, instant })));
  const places = [
    ...tables.map((table) => ({ name: table.name, columns: columnsIn(table, 'safe') })),
    ...OWN_TABLES.map(({ name, columns }) => ({
      name,
      columns: Object.entries(columns).map(([column, { type, nullable }]) => ({ name: column, type, nullable })),
    })),
  ];
  return places.map(({ name, columns }) => {
    const rows = kinds.flatMap((kind) => {
      const own = `n${kind.number}i${kind.instant}`;
      return [own, own, 'all', 'all'].map((account) =>
        columns.map((column) => {
          if (column.name === 'account') return `'${account}'`;
          return column.name === '_deleted_at' ? 'NULL' : literalOf(name, column, kind, extremes);
        }),
      );
    });
    const run = Object.keys(loads.columns).map((column) => RUN[column] ?? '0');
    return { name, columns, rows: name === loads.name ? [...rows, run] : rows };
  });
}

function literalOf(
  table: string,
  { name, type, nullable }: { readonly name: string; readonly type: ColumnType; readonly nullable: boolean },
  { number, instant }: { readonly number: number; readonly instant: number },
  extremes: Extremes,
): string {
  const values = valuesOf(table, name, type, extremes);
  const given = values[type === 'timestamp' || type === 'date' ? instant : number] ?? 'NULL';
  return given === 'NULL' && !nullable ? (values[0] ?? 'NULL') : given;
}

function valuesOf(table: string, name: string, type: ColumnType, extremes: Extremes): readonly string[] {
  switch (type) {
    case 'timestamp':
      return ["TIMESTAMP '2026-03-01 12:00:00'", ...extremes.instants, 'NULL'];
    case 'date':
      return ["DATE '2026-03-01'", ...extremes.days, 'NULL'];
    case 'boolean':
      return Array(4).fill('true');
    case 'doubles':
      return NUMBERS.double.map((number) => (number === 'NULL' ? number : extremes.list(number)));
    case 'text':
    case 'json':
      return Array(4).fill(WORDS[`${table}.${name}`] ?? WORDS[name] ?? "'x'");
    default:
      return NUMBERS[type];
  }
}
