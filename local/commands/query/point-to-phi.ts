import { type CallhouseError, SqlError } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { columnsIn } from '../../../schemas/layout.ts';

/** What DuckDB calls a column that it does not find. */
const MISSING_COLUMN = /(?:column|Column)(?: named)? "([^"]+)"/;

/** Adds to the error of a statement on the safe half where what it asks for is. */
export function pointToPhi(error: CallhouseError, sql: string, sources: readonly StoredSource[]): CallhouseError {
  if (!(error instanceof SqlError)) return error;
  const hint = hintFor(error.message, sql, sources);
  return hint === undefined ? error : new SqlError(`${firstLine(error.message)}; ${hint}`);
}

function hintFor(message: string, sql: string, sources: readonly StoredSource[]): string | undefined {
  if (new RegExp(`\\b${DATABASES.phi}\\b`, 'i').test(sql))
    return `${DATABASES.phi} is read only with --phi, which needs access to the data directory`;
  const column = MISSING_COLUMN.exec(message)?.[1]?.split('.').at(-1)?.toLowerCase();
  const holders = tablesOf(sources)
    .filter((table) => columnsIn(table, 'phi').some(({ name, placement }) => name === column && placement === 'phi'))
    .map(({ name }) => `${DATABASES.phi}.${name}`);
  // A statement that names a table means that one.
  const named = holders.filter((holder) => sql.toLowerCase().includes(holder.slice(DATABASES.phi.length + 1)));
  if (holders.length === 0) return undefined;
  return `${column} is in ${(named.length > 0 ? named : holders).join(', ')}, which --phi reads`;
}

/** DuckDB repeats the statement below its message, and suggests other columns. */
function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/[.!]?$/, '');
}
