import type { PlacedColumn, Twin } from '../layout.ts';
import { normalWord } from '../safe-text.ts';
import type { Table } from '../table.ts';
import { quoteList, quoteName, quoteText } from './sql-text.ts';

/** A staged column as one twin holds it: in `callhouse`, a text is null if the row's `_hidden` names it, or if the row has no such list. */
export function shownValue({ name, placement }: PlacedColumn, twin: Twin, alias: string): string {
  const column = `${alias}.${quoteName(name)}`;
  if (placement !== 'shown' || twin === 'phi') return column;
  return `CASE WHEN strpos(${alias}."_hidden", ${quoteText(`,${name},`)}) = 0 THEN ${column} END`;
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-';

/**
 * Conditions by which a row of an earlier version, whose key was stored as the vendor sent it, may be in a table: each part of its key is
 * an id or a listed word. Other rows are staged anew under another key by the first full scan of this version.
 */
export function safeKeyConditions(table: Table, alias: string): readonly string[] {
  return table.key.flatMap((name) => {
    const { type, safe } = table.columns[name] ?? {};
    if (type !== 'text') return [];
    const column = `${alias}.${quoteName(name)}`;
    return [safe?.kind === 'code' ? isListed(column, safe.words) : isId(column)];
  });
}

function isListed(column: string, words: readonly string[]): string {
  return `lower(translate(${column}, '- ', '__')) IN ${quoteList(words.map(normalWord))}`;
}

function isId(column: string): string {
  const hasForm = `translate(${column}, ${quoteText(ID_CHARACTERS)}, '') = '' AND length(${column}) BETWEEN 1 AND 128`;
  const digits = `translate(${column}, '.:-', '')`;
  const isPhone = `translate(${digits}, '0123456789', '') = '' AND length(${digits}) IN (10, 11)`;
  return `(${hasForm} AND NOT (${isPhone}))`;
}
