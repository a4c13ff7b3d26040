import type { SettingsInput } from '../../functions/settings.ts';
import type { DuckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { OWN_TABLES } from '../../schemas/own-tables.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { type ClinicOptions, clinicRows, type Rows } from './clinic-rows.ts';

/** When the pages of all worlds are made: a Friday, 10:20 in New York. */
export const AT = new Date('2026-06-19T14:20:00Z');

/** A clinic in some state, for looking at the manager's page. */
export interface ReportWorld {
  readonly name: string;
  readonly settings: SettingsInput;
  readonly clinic: ClinicOptions;
}

const SETTINGS: SettingsInput = {
  timeZone: 'America/New_York',
  openingHours: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((day) => [day, ['08:00-18:00']])),
  closedDays: ['2026-05-25'],
  report: { title: 'Harborview Clinics' },
};
const HOSTILE = [
  '</td></table><script>alert(1)</script><style>*{display:none}</style>',
  "\"><img src=x onerror=alert(1)> & &amp; 'quoted'",
  '\u202eevil \u2066\u2067drow\u2069 gnirts',
  'وكيل الاستقبال الدعم',
  'W'.repeat(300),
  'a name of very many short words '.repeat(20),
  '\u0000\u0007\u001b[31mred\nline\u2028break',
  '👩‍⚕️'.repeat(60),
];

/** Every situation that the page must bear. */
export const WORLDS: readonly ReportWorld[] = [
  { name: 'usual', settings: SETTINGS, clinic: {} },
  { name: 'small-cells', settings: { ...SETTINGS, report: { ...SETTINGS.report, minimumCell: 11 } }, clinic: {} },
  { name: 'behind', settings: SETTINGS, clinic: { behind: { source: 'zudu', hours: 52 } } },
  { name: 'failed-first', settings: SETTINGS, clinic: { hasFailed: true } },
  { name: 'nothing', settings: { timeZone: 'UTC' }, clinic: { sources: [] } },
  { name: 'no-calls', settings: SETTINGS, clinic: { hasCalls: false } },
  { name: 'one-vendor', settings: { timeZone: 'America/New_York' }, clinic: { sources: ['kismet'] } },
  {
    name: 'many-agents',
    settings: { ...SETTINGS, report: { weeks: 26 } },
    clinic: { agents: 400, clinicians: 400, accounts: 6, callsPerDay: 70 },
  },
  {
    name: 'hostile',
    settings: { ...SETTINGS, report: { title: HOSTILE.join(' ').slice(0, 80) } },
    clinic: { names: HOSTILE },
  },
];

/** Replaces everything in a warehouse by the rows of a world. */
export async function fillWorld(engine: DuckdbEngine, { clinic }: ReportWorld): Promise<void> {
  const rows = clinicRows(AT, clinic);
  const names = [...(await allTables()), ...OWN_TABLES].map(({ name }) => name);
  await engine.execute(names.map((name) => `DELETE FROM callhouse."${name}"`).join(';\n'));
  for (const [name, list] of Object.entries(rows)) await insertRows(engine, name, list);
}

const BATCH = 500;

async function insertRows(engine: DuckdbEngine, table: string, rows: Rows): Promise<void> {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const names = columns.map((name) => `"${name}"`).join(', ');
  for (let at = 0; at < rows.length; at += BATCH) {
    const values = rows.slice(at, at + BATCH).map((row) => `(${columns.map((name) => literal(row[name])).join(', ')})`);
    await engine.execute(`INSERT INTO callhouse."${table}" (${names}) VALUES ${values.join(', ')}`);
  }
}

function literal(value: unknown): string {
  if (value === undefined || value === null) return 'NULL';
  if (value instanceof Date) return `TIMESTAMP '${value.toISOString().replace('T', ' ').replace('Z', '')}'`;
  return typeof value === 'string' ? `'${value.replaceAll("'", "''").replaceAll('\u0000', '')}'` : String(value);
}
