import { quoteName } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { LoadPlan } from '../load/plan.ts';
import { databasesIn, type MaintainPorts } from './plan.ts';

/** Result of one check. */
export interface CheckResult {
  /** What was checked; names only. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found: counts and names, never a value. */
  readonly seen: string;
}

/** Checks that each key occurs once in each table, and that each row of the safe table has its row in the PHI table. */
export async function checkTables(plan: LoadPlan, { engine }: MaintainPorts): Promise<readonly CheckResult[]> {
  const used = plan.streams.filter(({ source }) => (plan.accounts[source] ?? []).length > 0);
  const checks: CheckResult[] = [];
  for (const table of new Set(used.flatMap(({ tables }) => tables))) {
    const { rows } = await engine.query(checkText(table, plan));
    const [safe = 0, twins = 0, repeated = 0] = (rows[0] ?? []).map(Number);
    const check = `table ${table.name}`;
    checks.push({
      check: `${check}: keys`,
      ok: repeated === 0,
      seen: `${table.name} contains ${repeated} keys more than once; expected none`,
    });
    // PHI is written first, so during a load it may have more rows, never fewer.
    const seen = `${table.name} has ${safe} rows in ${databasesIn(plan).safe} and ${twins} in ${databasesIn(plan).phi}; expected at least as many there`;
    checks.push({ check: `${check}: twins`, ok: twins >= safe, seen });
  }
  return checks;
}

/** Statement that counts the rows of the safe table, those of the PHI table, and the keys that occur more than once. */
export function checkText(table: Table, plan: LoadPlan): string {
  const { safe, phi } = databasesIn(plan);
  const name = (database: string) => `${quoteName(database)}.${quoteName(table.name)}`;
  const key = ['account', ...table.key].map(quoteName).join(', ');
  return [
    `SELECT (SELECT count(*) FROM ${name(safe)}) AS safe_rows,`,
    `  (SELECT count(*) FROM ${name(phi)}) AS phi_rows,`,
    `  (SELECT count(*) FROM (SELECT ${key} FROM ${name(safe)} GROUP BY ${key} HAVING count(*) > 1) r) AS repeated_keys`,
  ].join('\n');
}
