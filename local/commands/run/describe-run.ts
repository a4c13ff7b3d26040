import type { ExtractResult, LoadResult } from '../../../functions/results.ts';
import { callVersions } from '../../../schemas/call-versions.ts';
import { count } from '../../console/count.ts';
import { formatTable } from '../../console/format-table.ts';
import { isBusy } from './extract-account.ts';
import type { RunResult } from './run-once.ts';

/**
 * The result of a run as text.
 * @param report path of the report
 * @param held lines about held removals
 */
export function describeRun(result: RunResult, report: string, held: readonly string[]): string {
  const rows = result.sources.flatMap(rowsOf);
  const columns = ['stream', 'status', 'requests', 'records', 'changed', 'removed', 'refused'];
  const { load } = result;
  const hidden = result.sources.flatMap(({ streams }) => streams.flatMap((stream) => describeHidden(stream.hidden)));
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
export function describeHidden(hidden: Readonly<Record<string, number>> = {}): readonly string[] {
  return Object.entries(hidden).map(
    ([column, values]) => `${column}: ${count(values, 'value')} hidden; see callhouse_phi, release with safeValues`,
  );
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
