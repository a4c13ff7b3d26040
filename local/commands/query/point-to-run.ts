import { SqlError } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import type { StoredSource } from '../../../functions/source/source.ts';
import { viewsFor } from '../../../schemas/views/views.ts';

/** What DuckDB calls a table or view that it does not find. */
const MISSING_TABLE = /^Catalog Error: Table with name (\S+) does not exist/;

/** Adds to the error of a statement on the complete warehouse that what it reads was declared since the last run. */
export function pointToRun(error: unknown, sources: readonly StoredSource[]): unknown {
  const name = error instanceof SqlError ? MISSING_TABLE.exec(error.message)?.[1]?.toLowerCase() : undefined;
  if (name === undefined) return error;
  const tables = tablesOf(sources);
  const declared = [...tables, ...viewsFor(tables, { timeZone: 'UTC' })].some((one) => one.name === name);
  return declared ? new SqlError(`the warehouse has no ${name} yet; the next run creates it`) : error;
}
