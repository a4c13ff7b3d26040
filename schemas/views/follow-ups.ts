import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { readUntil } from './coverage.ts';
import { boolean, double, sourceAndAccount, text, timestamp, type View } from './view.ts';
import { greatestOf, targetsOf, type ViewSettings } from './view-settings.ts';

/** Calls that wait for a follow-up. */
export function followUpsView(settings: ViewSettings, databases: Databases): View {
  const { followUpTargetDays } = targetsOf(settings);
  const longestMs = greatestOf('duration_seconds', settings) * 1000;
  const ended = `c.ended_at >= c.started_at AND date_diff('millisecond', c.started_at, c.ended_at) <= ${longestMs}`;
  const since = `CASE WHEN c.local_date IS NULL THEN NULL WHEN ${ended} THEN c.ended_at ELSE c.started_at END`;
  const age = `date_diff('millisecond', ${since}, w.read_until) / 864e5`;
  return {
    name: 'follow_ups',
    key: ['source', 'account', 'call_id'],
    references: { calls: 'source, account, call_id' },
    doc: 'One row per call that needs a follow-up now (Solum).',
    columns: {
      ...sourceAndAccount('c'),
      call_id: text('Id of the call.', 'c.call_id'),
      agent: text('Assistant that took the call.', 'c.agent'),
      category: text('What the call was about.', 'c.category'),
      patient_hash: text('Keyed hash of the patient.', 'c.patient_hash'),
      started_at: timestamp('When the call started.', 'c.started_at'),
      since: timestamp(
        'The earliest time since when it may need a follow-up: the end of the call, else its start; null if it has no plausible start.',
        since,
      ),
      age_days: double('Time from since to the end of what was read.', 'd', age),
      is_overdue: boolean(
        `True if it is older than ${followUpTargetDays} days (setting followUpTargetDays); null if since is.`,
        `${age} > ${followUpTargetDays}`,
      ),
    },
    from: `FROM ${quoteName(databases.safe)}."calls" c\nCROSS JOIN ${readUntil(databases)} w\nWHERE c.needs_follow_up = TRUE`,
  };
}
