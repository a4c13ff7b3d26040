import type { Databases } from '../derive/databases.ts';
import { normalised, quoteName, toLocalTime } from '../derive/sql-text.ts';
import { auditLogs, isRead } from './kismet-reads.ts';
import { bigint, boolean, date, double, text, timestamp, type View } from './view.ts';
import { greatestOf, type ViewSettings } from './view-settings.ts';

/** When each Kismet call ended and who took part, by its audit log and its participants. */
export function kismetSessionsView(settings: ViewSettings, databases: Databases): View {
  const { timeZone } = settings;
  const longest = greatestOf('duration_seconds', settings);
  const length = "date_diff('millisecond', s.created_at, s.ended_at)";
  return {
    name: 'kismet_sessions',
    key: ['account', 'call_id'],
    references: { kismet_calls: 'account, call_id = id as text' },
    doc: 'One row per Kismet call: when it ended and who took part, by its audit log and participants; calls to which no patient came are rows too. The vendor gives neither an end nor a wait per call; its daily averages of both length and wait are in the table kismet_daily_call_metrics.',
    columns: {
      account: text('Account of the source.', 's.account'),
      call_id: text('Id of the call.', 's.call_id'),
      provider_id: text('Clinician of the call.', 's.provider_id'),
      provider_name: text("The clinician's present display name.", 's.provider_name'),
      created_at: timestamp('When the call was created.', 's.created_at'),
      local_date: date(
        `Day of created_at (${timeZone}); null outside the years 1 to 9999.`,
        `CAST(${toLocalTime('s.created_at', timeZone)} AS date)`,
      ),
      ended_at: timestamp(
        'Time of the last audit entry that changed is_ended, if the call is over; null until the audit log was read.',
        's.ended_at',
      ),
      length_seconds: double(
        `Time from created_at to ended_at, waiting included. A call ends when a user or the vendor ends it: one that was left open is long, so prefer a median. Null unless it is from 0 to ${longest} s.`,
        's',
        `CASE WHEN ${length} >= 0 AND ${length} <= ${longest * 1000} THEN ${length} / 1e3 END`,
      ),
      status: text('State of the call, in lower case with underscores.', 's.status'),
      is_failed: boolean(
        "True if the state is failed; null if there is no state. The vendor's document names only active and ended, so its own share of failed calls (fail_rate of kismet_metrics_reconciliation) can differ.",
        "s.status = 'failed'",
      ),
      recipients: bigint(
        'Participants of type Recipient; null if the vendor gives no participants.',
        'participants',
        's.recipients',
      ),
      users: bigint('Participants of type User; null if the vendor gives no participants.', 'participants', 's.users'),
      attendance: text(
        'both, user_only, recipient_only or nobody, by the participants that are listed; a Recipient is the patient, a User the clinician (or staff): the patient is absent in user_only and nobody. Null while the call lasts, and if no participants are given.',
        ATTENDANCE,
      ),
      is_recorded: boolean('True if a recording exists.', 's.is_recorded'),
      reads: bigint(
        "Read entries of the audit log, without Callhouse's own; null until the audit log was read.",
        'reads',
        's.reads',
      ),
      readers: bigint('Users with a shown id who read the call; null until the log was read.', 'users', 's.readers'),
    },
    from: `FROM (\n${sessions(settings, databases)}\n) s`,
  };
}

const ATTENDANCE = [
  'CASE WHEN NOT COALESCE(s.is_ended, FALSE) OR s.recipients IS NULL THEN NULL',
  "WHEN s.recipients > 0 AND s.users > 0 THEN 'both'",
  "WHEN s.users > 0 THEN 'user_only'",
  "WHEN s.recipients > 0 THEN 'recipient_only'",
  "ELSE 'nobody' END",
].join(' ');

function sessions(settings: ViewSettings, databases: Databases): string {
  const ifListed = (count: string) =>
    `COALESCE(p.${count}, CASE WHEN k.participant_count IS NOT NULL THEN 0 END) AS ${count}`;
  const safe = quoteName(databases.safe);
  return [
    'SELECT',
    [
      '  k.account AS account, CAST(k.id AS varchar) AS call_id, CAST(k.organization_user_id AS varchar) AS provider_id',
      '  u.display_name AS provider_name, k.created_at AS created_at, k.is_ended AS is_ended',
      `  CASE WHEN k.is_ended THEN e.ended_at END AS ended_at, ${normalised('k.state')} AS status`,
      `  ${ifListed('recipients')}, ${ifListed('users')}, k.has_egresses AS is_recorded`,
      '  r.reads AS reads, r.readers AS readers',
    ].join(',\n'),
    `FROM ${safe}."kismet_calls" k`,
    `LEFT JOIN ${safe}."kismet_organization_users" u ON u.account = k.account AND u.id = k.organization_user_id`,
    `LEFT JOIN (${endings(safe)}) e ON e.account = k.account AND e.call_id = k.id`,
    `LEFT JOIN (${participants(safe)}) p ON p.account = k.account AND p.call_id = k.id`,
    `LEFT JOIN (${reads(settings, safe)}) r ON r.account = k.account AND r.call_id = k.id`,
    'WHERE k._deleted_at IS NULL',
  ].join('\n');
}

/** An entry of event `create` shows the first value of `is_ended`, which is not an end. */
function endings(safe: string): string {
  return [
    'SELECT f.account AS account, f.call_id AS call_id, max(l.created_at) AS ended_at',
    `FROM ${safe}."kismet_call_audit_changes" f`,
    `JOIN ${safe}."kismet_call_audit_logs" l ON l.account = f.account AND l.id = f.audit_log_id`,
    "WHERE f.field = 'is_ended' AND lower(l.event) = 'update' GROUP BY f.account, f.call_id",
  ].join(' ');
}

function participants(safe: string): string {
  const count = (type: string) => `count(CASE WHEN lower(participant_type) = '${type}' THEN 1 END)`;
  return `SELECT account, call_id, ${count('recipient')} AS recipients, ${count('user')} AS users FROM ${safe}."kismet_call_participants" WHERE _deleted_at IS NULL GROUP BY account, call_id`;
}

/** A call whose audit log has no entry at all was not asked for it yet: each log begins with `create`. */
function reads(settings: ViewSettings, safe: string): string {
  const count = (what: string) => `count(${what} CASE WHEN ${isRead(settings)} THEN`;
  return [
    `SELECT l.account AS account, l.call_id AS call_id, ${count('')} 1 END) AS reads, ${count('DISTINCT')} l.user_id END) AS readers`,
    `FROM ${auditLogs(safe)}`,
    'WHERE l._deleted_at IS NULL GROUP BY l.account, l.call_id',
  ].join('\n');
}
