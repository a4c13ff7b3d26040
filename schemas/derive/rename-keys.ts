import { callVersions } from '../call-versions.ts';
import { columnsIn } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteList, quoteName, quoteText } from './sql-text.ts';
import { hasHistory } from './versions.ts';

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

/** Statements that rename keys in the columns of both halves of a table, and in its versions. Both engines run them; repeated, they change nothing. */
export function renameTexts(
  table: Table,
  columns: readonly string[],
  staged: StagedNames,
  databases: Databases = DATABASES,
): readonly string[] {
  const ofTwins = (['phi', 'safe'] as const).flatMap((twin) => {
    const held = new Set(columnsIn(table, twin).map(({ name }) => name));
    const place = { database: databases[twin], table: table.name };
    return columns.filter((column) => held.has(column)).map((column) => ({ ...place, column }));
  });
  const isKept = hasHistory(table) && table.key.some((name) => columns.includes(name));
  const ofVersions = { database: databases.safe, table: callVersions.name, column: 'call_id', source: table.source };
  return [...ofTwins, ...(isKept ? [ofVersions] : [])].map((place) => renameText(table, place, staged, databases));
}

/** The column of a table that holds keys. */
interface NamedColumn {
  readonly database: string;
  readonly table: string;
  readonly column: string;
  /** Only rows of this source, in a table of several. */
  readonly source?: string;
}

function renameText(
  table: Table,
  { database, table: name, column, source }: NamedColumn,
  { account, loadId, day }: StagedNames,
  databases: Databases,
): string {
  return [
    `MERGE INTO ${quoteName(database)}.${quoteName(name)} t`,
    'USING (',
    '  SELECT "_extra" AS "earlier", "_hidden" AS "present"',
    `  FROM ${quoteName(databases.staging)}.${quoteName(table.name)}`,
    `  WHERE "acct" = ${quoteText(account)} AND "day" IN ${quoteList([day])}`,
    `    AND "account" = ${quoteText(account)} AND "_load_id" = ${quoteText(loadId)}`,
    ') s',
    `ON t."account" = ${quoteText(account)} AND t.${quoteName(column)} = s."earlier"`,
    ...(source === undefined ? [] : [`  AND t."source" = ${quoteText(source)}`]),
    `WHEN MATCHED THEN UPDATE SET ${quoteName(column)} = s."present"`,
  ].join('\n');
}
