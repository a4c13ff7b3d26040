import { replacedColumns } from '../../../functions/extract/session/check-safe-values.ts';
import type { ExtractResult, LoadResult } from '../../../functions/results.ts';
import type { Source } from '../../../functions/source/source.ts';
import { callVersions } from '../../../schemas/call-versions.ts';
import { count } from '../../console/count.ts';
import { formatTable } from '../../console/format-table.ts';
import type { RunResult } from './run-once.ts';
import { isBusy } from './try-extract.ts';

/** What a result is described with. */
interface RunContext {
  /** Path of the report. */
  readonly report: string;
  /** Lines about held removals. */
  readonly held: readonly string[];
  readonly sources: readonly Source[];
}

/** The result of a run as text. */
export function describeRun(result: RunResult, { report, held, sources }: RunContext): string {
  const rows = result.sources.flatMap(rowsOf);
  const columns = ['stream', 'status', 'requests', 'records', 'changed', 'removed', 'refused'];
  const { load } = result;
  const hidden = result.sources.flatMap(({ streams }) =>
    streams.flatMap((stream) => describeHidden(stream.hidden, sources)),
  );
  const lines = [...held, ...hidden, describeLoad(load), ...(load.error === undefined ? [`report: ${report}`] : [])];
  return `${formatTable(columns, rows)}\n${lines.map((line) => `${line}\n`).join('')}`;
}

function rowsOf(result: ExtractResult): (string | number)[][] {
  const { source, account, streams, error } = result;
  if (error !== undefined) return [[nameOf(source, account), isBusy(result) ? 'running elsewhere' : 'failed']];
  return streams.map(({ stream, status, requests, records, changed, deleted, rejected }) => {
    return [nameOf(source, account, stream), status, requests, records, changed, deleted, rejected];
  });
}

/** One line for each column of which `callhouse` does not show every text. */
export function describeHidden(
  hidden: Readonly<Record<string, number>> = {},
  sources: readonly Source[],
): readonly string[] {
  const replaced = new Set(sources.flatMap(replacedColumns));
  return Object.entries(hidden).map(([column, number]) => {
    const values = count(number, 'value');
    return replaced.has(column)
      ? `${column}: ${values} of a key replaced by a hash; see $key in _extra of callhouse_phi`
      : `${column}: ${values} hidden; see callhouse_phi, release with safeValues`;
  });
}

/** `kalem.calls`, `kalem.calls (north)`. */
export function nameOf(source: string, account: string, stream?: string): string {
  return `${source}${stream === undefined ? '' : `.${stream}`}${account === 'default' ? '' : ` (${account})`}`;
}

/** The result of a load, on one line. */
export function describeLoad({ commits, changed, error }: LoadResult): string {
  if (error !== undefined) return 'staged, not loaded: the next run loads it';
  // A version repeats a row of its own table.
  const rows = Object.entries(changed).filter(
    ([table]) => table.startsWith('callhouse.') && table !== `callhouse.${callVersions.name}`,
  );
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  return `loaded: ${count(total, 'row')} of ${count(rows.filter(([, changed]) => changed > 0).length, 'table')} from ${count(commits, 'commit')}`;
}
