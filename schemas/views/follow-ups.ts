import { callVersions } from '../call-versions.ts';
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
  const since = `CASE WHEN c.seen_from IS NOT NULL THEN c.seen_from ELSE ${call} END`;
  const age = `date_diff('millisecond', ${since}, w.read_until) / 864e5`;
  return {
    name: 'follow_ups',
    key: ['source', 'account', 'call_id'],
    references: { calls: 'source, account, call_id', call_status_history: 'source, account, call_id' },
    values: { since_basis: BASES },
    doc: 'One row per call that needs a follow-up now (Solum): status follow_up_needed. Pending calls are not among them. How long closed ones took: see call_status_history.',
    columns: {
      ...sourceAndAccount('c'),
      call_id: text('Id of the call.', 'c.call_id'),
      agent: text('Assistant that took the call.', 'c.agent'),
      category: text('What the call was about.', 'c.category'),
      patient_hash: text('Keyed hash of the patient.', 'c.patient_hash'),
      started_at: timestamp('When the call started.', 'c.started_at'),
      since: timestamp(
        'Since when it needs a follow-up, see since_basis; null if no change of status was seen and the call has no plausible start.',
        since,
      ),
      since_basis: oneOf(
        ['seen', 'end_of_call'],
        ', see below; null if since is.',
        `CASE WHEN c.seen_from IS NOT NULL THEN 'seen' WHEN ${call} IS NOT NULL THEN 'end_of_call' END`,
      ),
      age_days: double('Time from since to the end of what was read.', 'd', age),
      is_overdue: boolean(
        `True if it is older than ${followUpTargetDays} days (setting followUpTargetDays); null if since is.`,
        `${age} > ${followUpTargetDays}`,
      ),
    },
    from: `FROM (\n${openCalls(databases)}\n) c\nCROSS JOIN ${readUntil(databases)} w`,
  };
}

/** What the view shows of a call. */
const OF_CALL = ['source', 'account', 'call_id', 'agent', 'category', 'patient_hash'];
/** What tells when the call ended, if it is plausible. */
const TIMES = ['started_at', 'ended_at', 'local_date'];

/**
 * Query for the open calls with `seen_from`, the first run after which nobody saw another status; null if nobody saw that one change. A call
 * that the vendor removed for a while and shows again with the same status has not changed. It reads the versions of open calls alone, and
 * not `call_status_history`, which ranks those of all calls.
 */
function openCalls({ safe }: Databases): string {
  const shown = [...OF_CALL, ...TIMES];
  const last = (test: string) =>
    `max(CASE WHEN v.is_removed = FALSE AND ${test} THEN v.seq END) OVER (PARTITION BY c.source, c.account, c.call_id)`;
  return [
    `SELECT ${shown.join(', ')}, min(CASE WHEN is_removed = FALSE AND seq > other_seq AND other_seq = known_seq THEN seen_at END) AS seen_from`,
    'FROM (',
    `SELECT ${shown.map((name) => `c.${name} AS ${name}`).join(', ')}, v.seq AS seq, v.seen_at AS seen_at, v.is_removed AS is_removed,`,
    // Where the status before is not known, nobody saw it change.
    `  ${last("COALESCE(v.status, '') <> c.status")} AS other_seq, ${last('v.status <> c.status')} AS known_seq`,
    `FROM ${quoteName(safe)}."calls" c`,
    `LEFT JOIN ${quoteName(safe)}.${quoteName(callVersions.name)} v ON v.source = c.source AND v.account = c.account AND v.call_id = c.call_id`,
    'WHERE c.needs_follow_up = TRUE',
    ') o',
    `GROUP BY ${shown.join(', ')}`,
  ].join('\n');
}
