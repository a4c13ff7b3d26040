import { callVersions } from '../call-versions.ts';
import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { bigint, boolean, sourceAndAccount, text, timestamp, type View } from './view.ts';

const CALL = 'source, account, call_id';

/** Since when each call has had its status, and which it had before. */
export function callStatusHistoryView(databases: Databases): View {
  const next = 'lead(h.valid_from) OVER (PARTITION BY h.source, h.account, h.call_id ORDER BY h.stretch)';
  return {
    name: 'call_status_history',
    key: ['source', 'account', 'call_id', 'stretch'],
    references: { calls: 'source, account, call_id' },
    doc: 'One row per stretch during which a call had one status, as Callhouse saw it, for vendors that change calls for weeks (Solum). A change that was undone between two reads of the vendor is not seen. How long follow-ups took: take rows with status follow_up_needed (pending is not one), is_first_seen false and a valid_to, and the time from valid_from to valid_to, as the question closed-follow-ups does. Where is_first_seen is true, the call may have needed one earlier. A call that needs one again has another row.',
    columns: {
      ...sourceAndAccount('h'),
      call_id: text('Id of the call.', 'h.call_id'),
      stretch: bigint('Number of the stretch of the call, from 1.', undefined, 'h.stretch'),
      status: text(
        'Status, in lower case with underscores; null since the vendor removed the call, and if callhouse does not show the word.',
        'h.status',
      ),
      category: text('Category at the end of the stretch.', 'h.category'),
      is_removed: boolean('True for a stretch that the removal of the call began.', 'h.removed = 1'),
      valid_from: timestamp(
        'Scheduled time of the run that first saw the call so. It is a time of reading, not of the change at the vendor.',
        'h.valid_from',
      ),
      valid_to: timestamp(
        'Scheduled time of the run that saw it otherwise: with another status, whichever, or removed. Null: it is so now.',
        next,
      ),
      is_current: boolean('True for the present stretch.', `${next} IS NULL`),
      is_first_seen: boolean(
        'True if Callhouse met the call in this status: it may have had it before valid_from.',
        'h.stretch = 1',
      ),
      versions: bigint('Versions of the call in the stretch.', 'versions', 'h.versions'),
    },
    from: `FROM (\n${stretches(databases)}\n) h`,
  };
}

/** One row per stretch. Only status and removal begin one: a change of category must not restart the clock of a follow-up. */
function stretches(databases: Databases): string {
  const inOrder = `OVER (PARTITION BY ${CALL} ORDER BY seq, seen_at`;
  return [
    `SELECT ${CALL}, stretch, max(status) AS status, max(removed) AS removed, count(*) AS versions,`,
    '  max(CASE WHEN begins = 1 THEN seen_at END) AS valid_from, max(CASE WHEN ends = 1 THEN category END) AS category',
    'FROM (',
    `SELECT ${CALL}, seen_at, status, category, removed, begins,`,
    `  sum(begins) ${inOrder} ROWS UNBOUNDED PRECEDING) AS stretch, COALESCE(lead(begins) ${inOrder}), 1) AS ends`,
    'FROM (',
    `SELECT ${CALL}, seq, seen_at, status, category, removed,`,
    `  CASE WHEN removed = lag(removed) ${inOrder}) AND COALESCE(status, '') = COALESCE(lag(status) ${inOrder}), '') THEN 0 ELSE 1 END AS begins`,
    'FROM (',
    `SELECT ${CALL}, seq, seen_at, status, category, CASE WHEN is_removed THEN 1 ELSE 0 END AS removed`,
    `FROM ${quoteName(databases.safe)}.${quoteName(callVersions.name)}`,
    ') v',
    ') b',
    ') n',
    `GROUP BY ${CALL}, stretch`,
  ].join('\n');
}
