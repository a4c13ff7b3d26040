import { tablesOf } from '../../functions/load/plan.ts';
import { type LoadedSources, loadSources, type SourceFiles } from '../../functions/source/registry.ts';
import { judgeCalls, type ViewFault } from './judge-calls.ts';

/** What to do about a column of `calls`. */
export const CALLS_REMEDY = `a text is written "'USD'", and a column called like a word of SQL, such as end, '"end"'`;

/**
 * Every source, like `loadSources`. One whose columns of `calls` DuckDB cannot compute counts as declared wrongly, so that it fails alone:
 * the view `calls` is one statement for all sources.
 */
export async function loadJudgedSources(files?: SourceFiles): Promise<LoadedSources> {
  const loaded = await loadSources(undefined, files);
  // Together they are judged in a third of the time.
  if ((await judgeCalls(tablesOf(loaded.sources))) === undefined) return loaded;
  return loadSources(undefined, files, async (source) => {
    const fault = await judgeCalls(tablesOf([source]));
    return fault && describe(fault, source.name);
  });
}

function describe({ column, seen }: ViewFault, source: string): string {
  const check = `correct it and try it with: callhouse check-source ${source}`;
  if (!column) return `its tables cannot be created (${seen}); ${check}`;
  const { table, name, expression } = column;
  return `calls.tables.${table}.calls.${name}: ${JSON.stringify(expression)} cannot be computed (${seen}); expected an expression of SQL over columns of the table; ${CALLS_REMEDY}; ${check}`;
}
