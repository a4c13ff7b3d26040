import { describe, expect, onTestFinished, test } from 'vitest';
import { BOOKKEEPING_TABLES } from '../../../schemas/bookkeeping.ts';
import type { ColumnType } from '../../../schemas/column.ts';
import { columnsIn } from '../../../schemas/layout.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { TABLES } from '../../helpers/view-warehouse.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

const INSTANTS: readonly string[] = [
  "TIMESTAMP '2026-03-01 12:00:00'",
  "TIMESTAMP '0001-01-01 00:00:00'",
  "TIMESTAMP '9999-12-31 23:59:59.999'",
  "TIMESTAMP '290309-12-22 (BC) 00:00:00'",
  "TIMESTAMP '294247-01-10 04:00:54.775806'",
  'NULL',
];
const DAYS: readonly string[] = [
  "DATE '2026-03-01'",
  "DATE '0001-01-01'",
  "DATE '9999-12-31'",
  "DATE '5877642-06-25 (BC)'",
  "DATE '5881580-07-10'",
  'NULL',
];

/** The least, the greatest and a usual value of every numeric type, and null. */
const NUMBERS: Readonly<Record<'bigint' | 'double' | 'decimal' | 'doubles', readonly string[]>> = {
  bigint: ['CAST(-9223372036854775808 AS BIGINT)', '9223372036854775807', '2', 'NULL'],
  double: ['-1.7976931348623157e308', '1.7976931348623157e308', '0.5e0', 'NULL'],
  decimal: [
    "CAST('-999999999999.999999' AS DECIMAL(18,6))",
    "CAST('999999999999.999999' AS DECIMAL(18,6))",
    '1',
    'NULL',
  ],
  doubles: ['[-1.7976931348623157e308]', '[1.7976931348623157e308]', '[0.5e0]', 'NULL'],
};

/** Values of text columns by which views select rows. */
const WORDS: Readonly<Record<string, string>> = {
  scope: "'organization'",
  event: "'read'",
  direction: "'inbound'",
  status: "'ok'",
  user_id: "'9223372036854775807'",
};

const KINDS = NUMBERS.bigint.flatMap((_, number) => INSTANTS.map((_, instant) => ({ number, instant })));
type Kind = (typeof KINDS)[number];

function extremeOf(name: string, type: ColumnType, nullable: boolean, { number, instant }: Kind): string {
  const given = valuesOf(name, type)[type === 'timestamp' || type === 'date' ? instant : number] ?? 'NULL';
  return given === 'NULL' && !nullable ? (valuesOf(name, type)[0] ?? 'NULL') : given;
}

/** Six timestamps and days, four numbers; the same value four times for other types. */
function valuesOf(name: string, type: ColumnType): readonly string[] {
  if (type === 'timestamp') return INSTANTS;
  if (type === 'date') return DAYS;
  if (type === 'boolean') return Array(4).fill('true');
  return type === 'text' || type === 'json' ? Array(4).fill(WORDS[name] ?? "'x'") : NUMBERS[type];
}

/** A warehouse in which each table has two rows of each kind in an account for that kind, and all of these rows again in account `all`. */
async function extremeWarehouse(timeZone: string) {
  const views = { timeZone };
  const engine = testWarehouse(await temporaryFolder()).open({ views });
  onTestFinished(() => engine.close());
  await engine.prepare(TABLES);
  const tables = [
    ...TABLES.map((table) => ({ name: table.name, columns: columnsIn(table, 'safe') })),
    ...BOOKKEEPING_TABLES.map(({ name, columns }) => ({
      name,
      columns: Object.entries(columns).map(([column, { type, nullable }]) => ({ name: column, type, nullable })),
    })),
  ];
  for (const { name, columns } of tables) {
    const rows = KINDS.flatMap((kind) =>
      [accountOf(kind), accountOf(kind), 'all', 'all'].map((account) => {
        const values = columns.map((column) =>
          column.name === 'account'
            ? `'${account}'`
            : column.name === '_deleted_at'
              ? 'NULL'
              : extremeOf(column.name, column.type, column.nullable, kind),
        );
        return `(${values.join(', ')})`;
      }),
    );
    await engine.execute(`INSERT INTO callhouse.${name} VALUES ${rows.join(', ')}`);
  }
  return {
    names: viewsFor(TABLES, views).map((view) => view.name),
    read: async (sql: string) => {
      const { columns, rows } = await engine.query(sql);
      return rows.map((row) => Object.fromEntries(columns.map((column, n) => [column, row[n]])));
    },
  };
}

function accountOf({ number, instant }: Kind): string {
  return `n${number}i${instant}`;
}

describe.each(['UTC', 'America/New_York', 'Pacific/Kiritimati', 'Etc/GMT+12'])('a view in %s', (timeZone) => {
  test('can be read with any extreme value in its tables, and each number in it is finite or null', async () => {
    const { names, read } = await extremeWarehouse(timeZone);
    for (const name of names) {
      const rows = await read(`SELECT * FROM callhouse.${name}`);
      expect(rows.length, name).toBeGreaterThan(5);
      for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
        if (typeof value === 'number') expect(value, `${name}.${column}`).toSatisfy(Number.isFinite);
        if (column === 'date' && name !== 'kismet_metrics_reconciliation' && value !== null)
          expect(value).toMatch(/^\d{4}-\d\d-\d\d$/);
      }
    }
  });
});

describe('a number that does not fit its type', () => {
  test('is null in calls_daily, and one that fits keeps every digit in calls', async () => {
    const { read } = await extremeWarehouse('UTC');
    const daily = (account: string, source: string) =>
      read(
        `SELECT calls, duration_seconds, cost, sessions_scheduled FROM calls_daily WHERE account = '${account}' AND source = '${source}' AND date = DATE '2026-03-01'`,
      );
    for (const account of ['n0i0', 'n1i0']) {
      expect(await daily(account, 'solum')).toEqual([
        { calls: 2, duration_seconds: null, cost: null, sessions_scheduled: null },
      ]);
      expect(await daily(account, 'kalem')).toMatchObject([{ calls: 2, cost: null }]);
    }
    expect(await daily('n2i0', 'solum')).toEqual([
      { calls: 2, duration_seconds: 60, cost: null, sessions_scheduled: 4 },
    ]);
    expect(await daily('n3i0', 'kalem')).toEqual([
      { calls: 2, duration_seconds: null, cost: null, sessions_scheduled: null },
    ]);
    const single = "SELECT DISTINCT sessions_scheduled FROM calls WHERE source = 'solum' AND account = 'n1i0'";
    expect(await read(single)).toEqual([{ sessions_scheduled: 9223372036854775807n }]);
  });

  test('is null in kismet_metrics_reconciliation, where differences are exact to 64 bits', async () => {
    const { read } = await extremeWarehouse('UTC');
    const sql = (account: string) =>
      `SELECT DISTINCT vendor_calls, extracted_calls, difference, failed_calls FROM kismet_metrics_reconciliation WHERE account = '${account}' AND date = DATE '2026-03-01'`;
    expect(await read(sql('n0i0'))).toEqual([
      { vendor_calls: -9223372036854775808n, extracted_calls: 2, difference: null, failed_calls: null },
    ]);
    expect(await read(sql('n1i0'))).toEqual([
      {
        vendor_calls: 9223372036854775807n,
        extracted_calls: 2,
        difference: -9223372036854775805n,
        failed_calls: null,
      },
    ]);
  });
});
