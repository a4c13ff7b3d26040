import { columnsIn, type Twin } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteList, quoteName, quoteText } from './sql-text.ts';

/** Columns that may hold keys which do not show their text, `~` and a hash: parts of a key, and references to keys. */
export function namedColumns(table: Table): readonly string[] {
  return Object.entries(table.columns)
    .filter(([name, { type, safe }]) => type === 'text' && (table.key.includes(name) || isReference(safe?.kind)))
    .map(([name]) => name);
}

function isReference(kind: string | undefined): boolean {
  return kind === 'id' || kind === 'code';
}

/** Statement that reads the columns of {@link namedColumns} and `_extra` of rows with such a key. Both engines run it. */
export function keyNamesText(table: Table, account: string, databases: Databases = DATABASES): string {
  const columns = namedColumns(table).map(quoteName);
  return [
    `SELECT DISTINCT ${columns.join(', ')}, "_extra"`,
    `FROM ${quoteName(databases.phi)}.${quoteName(table.name)}`,
    `WHERE "account" = ${quoteText(account)} AND (${columns.map((name) => `${name} LIKE '~%'`).join(' OR ')})`,
  ].join('\n');
}

/** The rows that hold the names: `_extra` has the earlier one, `_hidden` the new one. */
export interface StagedNames {
  readonly account: string;
  readonly loadId: string;
  readonly day: string;
}

/** Statements that rename keys in the columns of both halves of a table. Both engines run them; repeated, they change nothing. */
export function renameTexts(
  table: Table,
  columns: readonly string[],
  staged: StagedNames,
  databases: Databases = DATABASES,
): readonly string[] {
  return (['phi', 'safe'] as const).flatMap((twin) => {
    const held = new Set(columnsIn(table, twin).map(({ name }) => name));
    return columns.filter((name) => held.has(name)).map((name) => renameText(table, { name, twin }, staged, databases));
  });
}

function renameText(
  table: Table,
  { name, twin }: { readonly name: string; readonly twin: Twin },
  { account, loadId, day }: StagedNames,
  databases: Databases,
): string {
  return [
    `MERGE INTO ${quoteName(databases[twin])}.${quoteName(table.name)} t`,
    'USING (',
    '  SELECT "_extra" AS "earlier", "_hidden" AS "present"',
    `  FROM ${quoteName(databases.staging)}.${quoteName(table.name)}`,
    `  WHERE "acct" = ${quoteText(account)} AND "day" IN ${quoteList([day])}`,
    `    AND "account" = ${quoteText(account)} AND "_load_id" = ${quoteText(loadId)}`,
    ') s',
    `ON t."account" = ${quoteText(account)} AND t.${quoteName(name)} = s."earlier"`,
    `WHEN MATCHED THEN UPDATE SET ${quoteName(name)} = s."present"`,
  ].join('\n');
}
