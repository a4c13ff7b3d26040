import type { Databases } from '../derive/databases.ts';
import { NOW_UTC, quoteName } from '../derive/sql-text.ts';
import { IS_COMPLETE_RUN } from './coverage.ts';
import { double, sourceAndAccount, text, timestamp, type View } from './view.ts';

const LAST_OK = `max(CASE WHEN ${IS_COMPLETE_RUN} THEN l.ended_at END)`;

/** How old the data of each stream is. */
export function freshnessView(databases: Databases): View {
  return {
    name: 'freshness',
    key: ['source', 'account', 'stream'],
    doc: 'One row per source, account and stream: when its last complete run ended, and how long ago that was.',
    columns: {
      ...sourceAndAccount('l'),
      stream: text('Endpoint of the source.', 'l.stream'),
      last_status: text('How the last run ended: ok, partial or failed.', 'max_by(l.status, l.ended_at)'),
      last_run_at: timestamp('End of the last run.', 'max(l.ended_at)'),
      last_ok_at: timestamp('End of the last complete run (status ok) that is no backfill.', LAST_OK),
      last_data_at: timestamp(
        'End of the last run with a new, changed or deleted row.',
        'max(CASE WHEN l.changed > 0 OR l.deleted > 0 THEN l.ended_at END)',
      ),
      data_through: timestamp(
        'End of the window that the last complete run read: later records are not in the tables yet.',
        `max_by(l.window_to, CASE WHEN ${IS_COMPLETE_RUN} AND l.window_to IS NOT NULL THEN l.ended_at END)`,
      ),
      lag_minutes: double(
        'Time since the end of the last complete run.',
        'min',
        // Not date_diff('minute'): DuckDB counts crossed minute boundaries, Trino completed minutes.
        `date_diff('millisecond', ${LAST_OK}, ${NOW_UTC}) / 6e4`,
      ),
    },
    from: `FROM ${quoteName(databases.safe)}."loads" l\nGROUP BY l.source, l.account, l.stream`,
  };
}
