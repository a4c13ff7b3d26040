import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Digest } from '../../lake/digest.ts';
import { DAY_MS } from '../../time.ts';
import { columnReader, compileUnpackFor } from './column-reader.ts';

/** True for a record that began before the first day of history and is not known. @param key undefined if it has none */
export type IsBeforeHistory = (record: unknown, key: string | undefined) => boolean;

/** Where history begins. */
export interface HistoryOptions {
  /** Column with the instant at which a record begins. */
  readonly column: string;
  /** First day of history, days since the epoch. */
  readonly day: number;
  readonly digest: Pick<Digest, 'entries'>;
}

/** Compiles the test. A record that does not say when it began belongs to history, and so does one that is stored already. */
export function compileBeforeHistory(table: Table, { column: name, day, digest }: HistoryOptions): IsBeforeHistory {
  const column = table.columns[name];
  if (!column) throw new Error(`table ${table.name} has no column ${name}`);
  const begin = columnReader(name, column, 0);
  const unpack = compileUnpackFor([column]);
  return (record, key) => {
    if (!isJsonObject(record) || (key !== undefined && digest.entries.has(key))) return false;
    const given = unpack(record);
    const value = begin.read(given, given, {}, ignore);
    return typeof value === 'number' && (column.type === 'date' ? value : value / DAY_MS) < day;
  };
}

/** `flatten` counts the doubts of records that are stored. */
function ignore(): void {}
