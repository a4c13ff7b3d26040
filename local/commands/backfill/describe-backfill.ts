import { formatTable } from '../../console/format-table.ts';
import { describeLoad, nameOf } from '../run/describe-run.ts';
import type { BackfillResult } from './backfill-result.ts';

/** The result of a backfill as text. */
export function describeBackfill({ sources, load }: BackfillResult): string {
  const columns = ['source', 'chunks', 'read before', 'requests', 'records', 'changed', 'refused', ''];
  const rows = sources.map(({ source, account, exitCode, ...of }) => [
    nameOf(source, account),
    of.chunks,
    of.readBefore,
    of.requests,
    of.records,
    of.changed,
    of.rejected,
    exitCode === 0 ? 'complete' : 'incomplete',
  ]);
  const loaded = load ? describeLoad(load) : "staged; the stage's loader loads it at its next run";
  return `${formatTable(columns, rows)}\n${loaded}\n`;
}
