import { DeclarationError } from '../../functions/errors.ts';
import { tablesOf } from '../../functions/load/plan.ts';
import {
  type BrokenSource,
  fileOf,
  type LoadedSources,
  loadSources,
  type SourceFiles,
} from '../../functions/source/registry.ts';
import type { Source, Stream } from '../../functions/source/source.ts';
import type { Table } from '../../schemas/table.ts';
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
  const sources: Source[] = [];
  const broken = [...loaded.broken];
  for (const source of loaded.sources) {
    const fault = await judgeCalls(tablesOf([source]));
    if (fault) broken.push(withoutCalls(source, describe(fault, source.name)));
    else sources.push(source);
  }
  return { sources, broken, stored: [...sources, ...broken] };
}

/** A source whose columns of `calls` cannot be computed. Its tables stay as they are, and the view `calls` leaves it out. */
function withoutCalls({ name, credentials, streams }: Source, wrong: string): BrokenSource {
  const error = new DeclarationError(`${fileOf(name)}: ${wrong}. Other sources are not affected`);
  const kept = Object.entries(streams).map(([stream, { tables }]) => [stream, { tables: stripped(tables) }] as const);
  return { name, error, credentials, streams: Object.fromEntries(kept) };
}

function stripped([main, ...others]: Stream['tables']): Stream['tables'] {
  const strip = ({ calls, callsJoins, history, ...rest }: Table): Table => rest;
  return [strip(main), ...others.map(strip)];
}

function describe({ column, seen }: ViewFault, source: string): string {
  const check = `correct it and try it with: callhouse check-source ${source}`;
  if (!column) return `its tables cannot be created (${seen}); ${check}`;
  const { table, name, expression } = column;
  return `calls.tables.${table}.calls.${name}: ${JSON.stringify(expression)} cannot be computed (${seen}); expected an expression of SQL over columns of the table; ${CALLS_REMEDY}; ${check}`;
}
