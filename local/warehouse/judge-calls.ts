import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlError } from '../../functions/errors.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { duckdbTable } from '../../schemas/derive/ddl.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { createView } from '../../schemas/derive/view-sql.ts';
import type { Table } from '../../schemas/table.ts';
import { callsView } from '../../schemas/views/calls.ts';
import { inMemory } from '../publish/query-copy.ts';
import { asCallhouseError } from './duckdb-errors.ts';
import { judgeExpression } from './judge-expression.ts';

/** Why tables, or their rows of the view `calls`, cannot be created. */
export interface ViewFault {
  /** The column of `calls` that is wrong, its table and its expression; undefined if it is none of them. */
  readonly column?: { readonly table: string; readonly name: string; readonly expression: string };
  /** What is wrong, in one line. */
  readonly seen: string;
}

const NAME = 'of the check of calls';

/**
 * Creates these tables and the view `calls` in an empty DuckDB, and judges the text of each column of `calls`. These are SQL that somebody
 * wrote; in the warehouse, one that cannot be computed would stop the loads and views of all sources.
 */
export function judgeCalls(tables: readonly Table[]): Promise<ViewFault | undefined> {
  return inMemory(NAME, async (connection) => {
    const seen = (await refusal(tableStatements(tables), connection)) ?? (await tryView(tables, connection));
    if (seen === undefined) return judgeTexts(tables);
    return (await findColumn(tables, connection)) ?? { seen };
  });
}

/** Finds what DuckDB computes, and Athena may not. */
function judgeTexts(tables: readonly Table[]): ViewFault | undefined {
  for (const table of tables)
    for (const [name, expression] of Object.entries(table.calls ?? {})) {
      const seen = judgeExpression(expression);
      if (seen !== undefined) return { column: { table: table.name, name, expression }, seen };
    }
  return undefined;
}

function tableStatements(tables: readonly Table[]): readonly string[] {
  return [
    ...Object.values(DATABASES).map((name) => `CREATE SCHEMA ${quoteName(name)}`),
    ...databaseTablesOf(tables).flatMap((table) => duckdbTable(table).slice(0, 1)),
  ];
}

/** Tries each column of `calls` alone. */
async function findColumn(tables: readonly Table[], connection: DuckDBConnection): Promise<ViewFault | undefined> {
  for (const table of tables) {
    for (const [name, expression] of Object.entries(table.calls ?? {})) {
      const alone = { ...table, calls: { call_id: 'NULL', started_at: 'NULL', [name]: expression } };
      const others = tables.filter((one) => one !== table).map(({ calls, ...rest }) => rest);
      const seen = await tryView([alone, ...others], connection);
      if (seen !== undefined) return { column: { table: table.name, name, expression }, seen };
    }
  }
  return undefined;
}

async function tryView(tables: readonly Table[], connection: DuckDBConnection): Promise<string | undefined> {
  const view = callsView(tables, { timeZone: 'UTC' }, DATABASES);
  return view && refusal([createView(view)], connection);
}

/** @returns the first line of what DuckDB says; undefined if it runs the statements */
async function refusal(statements: readonly string[], connection: DuckDBConnection): Promise<string | undefined> {
  try {
    await connection.run(statements.join(';\n'));
    return undefined;
  } catch (error) {
    const known = asCallhouseError(error, NAME);
    if (!(known instanceof SqlError)) throw known;
    return known.message.split('\n', 1)[0]?.trim() ?? '';
  }
}
