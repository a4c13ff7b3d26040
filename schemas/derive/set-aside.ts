import type { Twin } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';
import { quoteName, quoteText } from './sql-text.ts';

/** Rows of one account in one twin of a table. */
export interface AsideRows {
  readonly table: Table;
  readonly twin: Twin;
  readonly account: string;
  readonly databases?: Databases | undefined;
}

/**
 * Statement that sets rows aside before the commits are loaded again: their `_seq` becomes negative, so that every commit is newer. Rows of
 * the commits `except` stay as they are.
 */
export function setAsideText(rows: AsideRows, except: readonly number[]): string {
  const others = except.length > 0 ? ` AND "_seq" NOT IN (${except.join(', ')})` : '';
  return `UPDATE ${nameOf(rows)} SET "_seq" = -"_seq" WHERE "account" = ${quoteText(rows.account)} AND "_seq" > 0${others}`;
}

/** Statement that counts the rows that were set aside and that no commit has written since. */
export function countAsideText(rows: AsideRows): string {
  return `SELECT count(*) FROM ${nameOf(rows)} WHERE ${isAside(rows)}`;
}

/** Statement that puts those rows back as they were. */
export function putBackText(rows: AsideRows): string {
  return `UPDATE ${nameOf(rows)} SET "_seq" = -"_seq" WHERE ${isAside(rows)}`;
}

function nameOf({ table, twin, databases = DATABASES }: AsideRows): string {
  return `${quoteName(databases[twin])}.${quoteName(table.name)}`;
}

function isAside({ account }: AsideRows): string {
  return `"account" = ${quoteText(account)} AND "_seq" < 0`;
}
