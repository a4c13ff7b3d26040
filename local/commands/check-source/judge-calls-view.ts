import { tablesOf } from '../../../functions/load/plan.ts';
import type { Source } from '../../../functions/source/source.ts';
import { inMemory } from '../../publish/query-copy.ts';
import { safeSchema } from '../../publish/safe-schema.ts';
import { asCallhouseError } from '../../warehouse/duckdb-errors.ts';
import type { Outcome } from './case.ts';

/**
 * Creates the tables and views of a source in an empty DuckDB. Nothing else computes what `calls` of a table says before the first
 * load, and an expression that cannot be computed would stop the loads of all sources.
 */
export async function judgeCallsView(source: Source): Promise<Outcome> {
  const { statements } = safeSchema(tablesOf([source]), { timeZone: 'UTC' });
  try {
    await inMemory('of check-source', async (connection) => {
      for (const statement of statements) await connection.run(statement);
    });
    return 'ok';
  } catch (error) {
    const [seen = ''] = asCallhouseError(error, 'of check-source').message.split('\n', 1);
    return {
      what: 'the tables and views are created in an empty DuckDB',
      ...{ seen, expected: 'expressions of SQL over columns of the table' },
      remedy: `check calls of the table; a text is written "'USD'", and a column called like a word of SQL, such as end, '"end"'`,
    };
  }
}
