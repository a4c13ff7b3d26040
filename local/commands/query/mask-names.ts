import { SqlError } from '../../../functions/errors.ts';

/** Names in DuckDB's messages: in quotes, or after these words. */
const NAME = /"([^"\n]*)"|(?<=\b(?:name|schema|catalog|function) )([^\s"!]+)(?= does not exist)/gi;

/**
 * Hides names that the statement does not contain: they were computed by it, for example from a cell.
 * Suggestions of other names, which DuckDB writes on lines of their own, are kept.
 */
export function maskNames(error: unknown, sql: string): unknown {
  if (!(error instanceof SqlError)) return error;
  const [first = '', ...rest] = error.message.split('\n');
  const statement = sql.toLowerCase();
  const masked = first.replace(NAME, (whole, quoted: string | undefined, bare: string | undefined) => {
    return statement.includes((quoted ?? bare ?? '').toLowerCase()) ? whole : '…';
  });
  return masked === first ? error : new SqlError([masked, ...rest].join('\n'));
}
