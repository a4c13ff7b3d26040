import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { readUntil } from './coverage.ts';
import { boolean, double, oneOf, sourceAndAccount, text, timestamp, type View } from './view.ts';
import { greatestOf, targetsOf, type ViewSettings } from './view-settings.ts';

const BASES = {
  seen: 'Callhouse saw the status change: since is the scheduled time of the run that saw it first, not the time of the change at the vendor.',
  end_of_call:
    'It needed one when Callhouse first met the call, or nothing is known of its status before: since is the end of the call, or its start. It may have needed none for a while after that.',
};

/** Calls that wait for a follow-up. */
export function followUpsView(settings: ViewSettings, databases: Databases): View {
  const { followUpTargetDays } = targetsOf(settings);
  const longestMs = greatestOf('duration_seconds', settings) * 1000;
  const ended = `c.ended_at >= c.started_at AND date_diff('millisecond', c.started_at, c.ended_at) <= ${longestMs}`;
  const call = `CASE WHEN c.local_date IS NULL THEN NULL WHEN ${ended} THEN c.ended_at ELSE c.started_at END`;
  const since = `CASE WHEN h.seen_from IS NOT NULL THEN h.seen_from ELSE ${call} END`;
  const age = `date_diff('millisecond', ${since}, w.read_until) / 864e5`;
  return {
    name: 'follow_ups',
    key: ['source', 'account', 'call_id'],
    references: { calls: 'source, account, call_id', call_status_history: 'source, account, call_id' },
    values: { since_basis: BASES },
    doc: 'One row per call that needs a follow-up now (Solum).',
    columns: {
      ...sourceAndAccount('c'),
      call_id: text('Id of the call.', 'c.call_id'),
      agent: text('Assistant that took the call.', 'c.agent'),
      category: text('What the call was about.', 'c.category'),
      patient_hash: text('Keyed hash of the patient.', 'c.patient_hash'),
      started_at: timestamp('When the call started.', 'c.started_at'),
      since: timestamp('Since when it needs a follow-up, see since_basis; null if nothing tells.', since),
      since_basis: oneOf(
        ['seen', 'end_of_call'],
        ', see below; null if since is.',
        `CASE WHEN h.seen_from IS NOT NULL THEN 'seen' WHEN ${call} IS NOT NULL THEN 'end_of_call' END`,
      ),
      age_days: double('Time from since to the end of what was read.', 'd', age),
      is_overdue: boolean(
        `True if it is older than ${followUpTargetDays} days (setting followUpTargetDays); null if since is.`,
        `${age} > ${followUpTargetDays}`,
      ),
    },
    from: [
      `FROM ${quoteName(databases.safe)}."calls" c`,
      `LEFT JOIN (\n${lastChanges(databases)}\n) h ON h.of_source = c.source AND h.of_account = c.account AND h.of_call = c.call_id AND h.status = c.status`,
      `CROSS JOIN ${readUntil(databases)} w`,
      'WHERE c.needs_follow_up = TRUE',
    ].join('\n'),
  };
}

/**
 * Query for the last change of each call's status that was seen, one row each, with the status since. A call that the vendor removed for a
 * while and shows again with the same status has not changed.
 */
function lastChanges(databases: Databases): string {
  const ofCall = 'OVER (PARTITION BY source, account, call_id';
  return [
    'SELECT source AS of_source, account AS of_account, call_id AS of_call, status, valid_from AS seen_from',
    'FROM (',
    `SELECT source, account, call_id, status, valid_from, changed, max(changed) ${ofCall}) AS last_changed`,
    'FROM (',
    'SELECT source, account, call_id, status, valid_from,',
    // Where the status before is unknown, nobody saw it change.
    `  CASE WHEN COALESCE(status, '') <> COALESCE(lag(status) ${ofCall} ORDER BY stretch), status, '') THEN stretch END AS changed`,
    `FROM ${quoteName(databases.safe)}."call_status_history" WHERE is_removed = FALSE`,
    ') e',
    ') l',
    'WHERE changed = last_changed',
  ].join('\n');
}
