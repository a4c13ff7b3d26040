import { tablesOf } from '../../../functions/load/plan.ts';
import type { Source } from '../../../functions/source/source.ts';
import { judgeCalls } from '../../warehouse/judge-calls.ts';
import { CALLS_REMEDY } from '../../warehouse/judged-sources.ts';
import type { Outcome } from './case.ts';

/** Computes the columns of `calls` of a source in an empty DuckDB, as each run does before it begins. */
export async function judgeCallsView(source: Source): Promise<Outcome> {
  const fault = await judgeCalls(tablesOf([source]));
  if (!fault) return 'ok';
  const { column, seen } = fault;
  return {
    what: column ? `${column.name}, ${JSON.stringify(column.expression)}` : 'the tables in an empty DuckDB',
    ...{ seen, expected: 'expressions of SQL over columns of the table' },
    remedy: `check calls of ${column?.table ?? 'the table'}; ${CALLS_REMEDY}`,
  };
}
