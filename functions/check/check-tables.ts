import { callVersions } from '../../schemas/call-versions.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { partRange, quoteDay, quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { hasHistory } from '../../schemas/derive/versions.ts';
import type { Table } from '../../schemas/table.ts';
import { folderDayOf, monthsOf, type PartSpan, realDay } from '../load/months.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Engine, StagedFile } from '../ports.ts';
import type { CheckResult } from './check-result.ts';

/** Rows of one account in one table that a load wrote. */
export interface TouchedRows {
  readonly table: Table;
  readonly account: string;
  /** The staged files that they came from. */
  readonly files: readonly StagedFile[];
}

/** Part of a table to check, with the versions of its rows: the months of `spans` in the rows of one account. @default every row */
interface Part {
  readonly table: Table;
  readonly account?: string;
  readonly spans?: readonly PartSpan[];
  /** First and last day of the months in which runs saw the rows, `YYYY-MM-DD`. */
  readonly seen?: readonly [first: string, last: string];
}

/** Keeps the text of a statement far below Athena's 256 KiB. */
const PARTS_AT_ONCE = 50;

/** Checks in every row of every table that each key occurs once, and that each row of the safe table has its row in the PHI table. */
export async function checkTables(
  plan: LoadPlan,
  { engine }: { readonly engine: Engine },
): Promise<readonly CheckResult[]> {
  const used = plan.streams.filter(({ source }) => (plan.accounts[source] ?? []).length > 0);
  const results: CheckResult[] = [];
  // One by one: together they would need the memory of all keys at once.
  for (const table of new Set(used.flatMap(({ tables }) => tables)))
    results.push(...(await checkParts([{ table }], plan, engine)));
  return results;
}

/** Checks the same in the months that a load touched. */
export async function checkTouched(
  touched: readonly TouchedRows[],
  plan: Pick<LoadPlan, 'databases'>,
  engine: Engine,
): Promise<readonly CheckResult[]> {
  const parts = touched.map(({ table, account, files }): Part => {
    const days = hasHistory(table) ? files.map(folderDayOf).sort() : [];
    const [first = '', last = ''] = [days[0], days.at(-1)];
    const seen = [`${first.slice(0, 7)}-01`, realDay(`${last.slice(0, 7)}-31`)] as const;
    return { table, account, spans: monthsOf(files), ...(days.length > 0 ? { seen } : {}) };
  });
  // A statement costs time and money where several can run at once, and memory on DuckDB.
  const atOnce = (engine.statementsAtOnce ?? 1) > 1 ? PARTS_AT_ONCE : 1;
  const results: CheckResult[] = [];
  for (let at = 0; at < parts.length; at += atOnce)
    results.push(...(await checkParts(parts.slice(at, at + atOnce), plan, engine)));
  return results;
}

async function checkParts(
  parts: readonly Part[],
  plan: Pick<LoadPlan, 'databases'>,
  engine: Engine,
): Promise<readonly CheckResult[]> {
  const { safe, phi } = plan.databases ?? DATABASES;
  const { rows } = await engine.query(checkText(parts, plan));
  return rows.flatMap(([table, source, account, repeated, missing]): readonly CheckResult[] => {
    const subject = String(table);
    const whose = { source: String(source), account: String(account), subject, severity: 'error' as const };
    const keys = {
      ...{ ...whose, check: 'keys', found: Number(repeated) },
      message: `${subject}, account ${account}: ${repeated} keys occur more than once; expected none`,
    };
    const twins = {
      ...{ ...whose, check: 'twins', found: Number(missing) },
      message: `${subject}, account ${account}: ${missing} rows of ${safe} have no row in ${phi}; expected none`,
    };
    return missing === null ? [keys] : [keys, twins];
  });
}

/**
 * Statement with one row for each table and account of the parts: how many keys occur more than once in one of the twins, and how many
 * rows of the safe table have none in the PHI table. PHI is merged first, so during a load that one may have more rows. Versions have no
 * twin, so that the second number is null.
 */
export function checkText(parts: readonly Part[], { databases = DATABASES }: Pick<LoadPlan, 'databases'>): string {
  const texts = parts.flatMap((part) => [
    partText(part, databases),
    ...(hasHistory(part.table) ? [versionsPartText(part, databases)] : []),
  ]);
  return texts.join('\nUNION ALL\n');
}

function partText({ table, account, spans }: Part, { safe, phi }: typeof DATABASES): string {
  const key = ['account', ...table.key].map(quoteName).join(', ');
  const rows = (database: string, counts: string) =>
    `SELECT ${key}, ${counts} FROM ${quoteName(database)}.${quoteName(table.name)}${scopeText(account, spans)}`;
  return [
    `SELECT ${quoteText(table.name)} AS table_name, ${quoteText(table.source)} AS source, k."account" AS account,`,
    '  count(CASE WHEN k.safe_rows > 1 OR k.phi_rows > 1 THEN 1 END) AS repeated_keys,',
    '  count(CASE WHEN k.safe_rows > 0 AND k.phi_rows = 0 THEN 1 END) AS missing_twins',
    `FROM (SELECT ${key}, sum(in_safe) AS safe_rows, sum(in_phi) AS phi_rows FROM (`,
    `  ${rows(safe, '1 AS in_safe, 0 AS in_phi')}`,
    `  UNION ALL ${rows(phi, '0 AS in_safe, 1 AS in_phi')}`,
    `) r GROUP BY ${key}) k`,
    'GROUP BY k."account"',
  ].join('\n');
}

function versionsPartText({ table, account, seen }: Part, { safe }: typeof DATABASES): string {
  const key = callVersions.key.map(quoteName).join(', ');
  const within = [
    `"source" = ${quoteText(table.source)}`,
    ...(account === undefined ? [] : [`"account" = ${quoteText(account)}`]),
    ...(seen === undefined
      ? []
      : [`"seen_at" >= ${quoteDay(seen[0])} AND "seen_at" < ${quoteDay(seen[1])} + INTERVAL '1' DAY`]),
  ];
  return [
    `SELECT ${quoteText(callVersions.name)} AS table_name, k."source" AS source, k."account" AS account,`,
    '  count(CASE WHEN k.copies > 1 THEN 1 END) AS repeated_keys, CAST(NULL AS bigint) AS missing_twins',
    `FROM (SELECT ${key}, count(*) AS copies FROM ${quoteName(safe)}.${quoteName(callVersions.name)}`,
    `  WHERE ${within.join(' AND ')} GROUP BY ${key}) k`,
    'GROUP BY k."source", k."account"',
  ].join('\n');
}

function scopeText(account: string | undefined, spans: readonly PartSpan[] = []): string {
  if (account === undefined) return '';
  const within = spans.map((span) => `"_part_on" ${partRange(span)}`);
  return ` WHERE "account" = ${quoteText(account)} AND (${within.join(' OR ')})`;
}
