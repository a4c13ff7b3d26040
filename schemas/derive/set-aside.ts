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

/** Statement that counts the rows that were set aside and that no commit has written since, and those of the commits `except`. */
export function countKeptText(rows: AsideRows, except: readonly number[]): string {
  const ofExcept = except.length > 0 ? ` OR "_seq" IN (${except.join(', ')})` : '';
  return `SELECT count(*) FROM ${nameOf(rows)} WHERE "account" = ${quoteText(rows.account)} AND ("_seq" < 0${ofExcept})`;
}

/** Statement that puts those rows back as they were. */
export function putBackText(rows: AsideRows): string {
  return `UPDATE ${nameOf(rows)} SET "_seq" = -"_seq" WHERE "account" = ${quoteText(rows.account)} AND "_seq" < 0`;
}

function nameOf({ table, twin, databases = DATABASES }: AsideRows): string {
  return `${quoteName(databases[twin])}.${quoteName(table.name)}`;
}
