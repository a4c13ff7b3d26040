import { quoteName } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import { databasesIn, type MaintainPlan, type MaintainPorts } from './plan.ts';

/** One thing that was looked at. */
export interface CheckResult {
  /** What was looked at: names only. */
  readonly check: string;
  readonly ok: boolean;
  /** Counts and names; never a value. */
  readonly seen: string;
}

/** Each key stands once in each table, and each row of the safe table has its twin. */
export async function checkTables(plan: MaintainPlan, { engine }: MaintainPorts): Promise<readonly CheckResult[]> {
  const used = plan.streams.filter(({ source }) => (plan.accounts[source] ?? []).length > 0);
  const checks: CheckResult[] = [];
  for (const table of new Set(used.flatMap(({ tables }) => tables))) {
    const { rows } = await engine.query(checkText(table, plan));
    const [safe = 0, twins = 0, repeated = 0] = (rows[0] ?? []).map(Number);
    const check = `table ${table.name}`;
    checks.push({
      check: `${check}: keys`,
      ok: repeated === 0,
      seen: `${table.name} holds ${repeated} keys more than once`,
    });
    // PHI is written first: while a load is at work it may be ahead, never behind.
    const seen = `${table.name} has ${safe} rows, and ${twins} of sensitive columns; expected no less`;
    checks.push({ check: `${check}: twins`, ok: twins >= safe, seen });
  }
  return checks;
}

/** Three counts: rows, rows of the twin, keys that stand more than once. */
export function checkText(table: Table, plan: MaintainPlan): string {
  const { safe, phi } = databasesIn(plan);
  const name = (database: string) => `${quoteName(database)}.${quoteName(table.name)}`;
  const key = ['account', ...table.key].map(quoteName).join(', ');
  return [
    `SELECT (SELECT count(*) FROM ${name(safe)}) AS safe_rows,`,
    `  (SELECT count(*) FROM ${name(phi)}) AS phi_rows,`,
    `  (SELECT count(*) FROM (SELECT ${key} FROM ${name(safe)} GROUP BY ${key} HAVING count(*) > 1) r) AS repeated_keys`,
  ].join('\n');
}
