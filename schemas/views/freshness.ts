import type { Databases } from '../derive/databases.ts';
import { NOW_UTC, quoteName } from '../derive/sql-text.ts';
import { double, text, timestamp, type View } from './view.ts';

/** How old the data of each stream is. */
export function freshnessView(databases: Databases): View {
  return {
    name: 'freshness',
    doc: 'One row per source, account and stream: when its last complete run ended, and how long ago that was.',
    columns: {
      source: text('Vendor.'),
      account: text('Account of the source.'),
      stream: text('Endpoint of the source.'),
      last_status: text('How the last run ended: ok, partial or failed.'),
      last_run_at: timestamp('End of the last run.'),
      last_ok_at: timestamp('End of the last complete run (status ok).'),
      last_data_at: timestamp('End of the last run with a new, changed or deleted row.'),
      lag_minutes: double('Time since the end of the last complete run.', 'min'),
    },
    body: [
      'SELECT',
      [
        '  source',
        '  account',
        '  stream',
        '  max_by(status, ended_at) AS last_status',
        '  max(ended_at) AS last_run_at',
        "  max(ended_at) FILTER (WHERE status = 'ok') AS last_ok_at",
        '  max(ended_at) FILTER (WHERE changed > 0 OR deleted > 0) AS last_data_at',
        // Not date_diff('minute'): DuckDB counts crossed minute boundaries, Trino completed minutes.
        `  date_diff('millisecond', max(ended_at) FILTER (WHERE status = 'ok'), ${NOW_UTC}) / 6e4 AS lag_minutes`,
      ].join(',\n'),
      `FROM ${quoteName(databases.safe)}."loads"`,
      'GROUP BY source, account, stream',
    ].join('\n'),
  };
}
