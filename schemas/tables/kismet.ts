import { bigint, boolean, code, codes, date, double, id, json, label, text, timestamp } from '../column.ts';
import { normalised } from '../derive/sql-text.ts';
import { isJsonObject, kindOf, listOf, toJsonText } from '../json-text.ts';
import { defineTable, type JsonRecord } from '../table.ts';

/** One row per clinician. Source: `GET /api/external/organization_users`. */
export const kismetOrganizationUsers = defineTable({
  name: 'kismet_organization_users',
  source: 'kismet',
  doc: 'One row per clinician (organization user).',
  key: ['id'],
  partOn: 'created_at',
  columns: {
    id: bigint({ path: 'id', nullable: false, doc: 'Id of the organization user.' }),
    display_name: label({ path: 'display_name', doc: 'Name of the clinician, as shown to patients.' }),
    email: text({ path: 'email', doc: 'E-mail address.' }),
    is_admin: boolean({ path: 'is_admin', doc: 'True for an administrator of the organization.' }),
    roles: codes(
      'provider',
      'provider_assistant',
      'organization_admin',
    )({
      path: 'roles',
      doc: 'Roles of the user, as the vendor sent them.',
    }),
    created_at: timestamp({ path: 'created_at', doc: 'When the user was created.' }),
    updated_at: timestamp({ path: 'updated_at', doc: 'When the user was last updated.' }),
  },
});

/** One row per call. Source: Calls API, "List Calls". */
export const kismetCalls = defineTable({
  name: 'kismet_calls',
  source: 'kismet',
  doc: 'One row per video call of an organization user.',
  key: ['id'],
  references: { organization_user_id: 'kismet_organization_users' },
  partOn: 'created_at',
  ignorePaths: ['participants'],
  columns: {
    id: bigint({ path: 'id', nullable: false, doc: 'Id of the call.' }),
    organization_user_id: bigint({
      path: '$organization_user_id',
      doc: 'Clinician under whom the vendor lists the call; the smallest id if there are several.',
    }),
    name: text({ path: 'name', doc: 'Display name of the call.' }),
    livekit_session_id: text({ path: 'livekit_session_id', hash: 'session', doc: 'Id of the LiveKit session.' }),
    state: code('active', 'ended')({ path: 'state', doc: 'Current state, for example active or ended.' }),
    has_egresses: boolean({ path: 'has_egresses', doc: 'True if a recording exists.' }),
    is_recording: boolean({ path: 'is_recording', doc: 'True while the call is being recorded.' }),
    is_canvas_locked: boolean({ path: 'is_canvas_locked', doc: 'True while the canvas is locked.' }),
    is_ended: boolean({ path: 'is_ended', doc: 'True once the call has ended.' }),
    participant_count: bigint({
      path: 'participants',
      transform: countOf,
      unit: 'participants',
      doc: 'Number of participants that the call lists.',
    }),
    created_at: timestamp({ path: 'created_at', doc: 'When the call was created.' }),
    updated_at: timestamp({ path: 'updated_at', doc: 'When the call was last updated.' }),
  },
  calls: {
    call_id: 'CAST(id AS varchar)',
    provider_id: 'CAST(organization_user_id AS varchar)',
    provider_name: 'provider_display_name',
    channel: "'video'",
    status: 'state',
    outcome: "CASE WHEN is_ended THEN 'ended' WHEN NOT is_ended THEN 'open' END",
    result: `CASE WHEN ${normalised('state')} = 'failed' THEN 'failed' WHEN is_ended THEN 'completed' WHEN NOT is_ended THEN 'in_progress' END`,
    is_ended: 'is_ended',
    started_at: 'created_at',
  },
  callsJoins: {
    // A user who was removed keeps the name that the calls were held under.
    provider: { table: kismetOrganizationUsers, key: { id: 'organization_user_id' }, columns: ['display_name'] },
  },
});

/** One row per participant of a call; a participant's id may repeat across calls. Source: Calls API, "Participants". */
export const kismetCallParticipants = defineTable({
  name: 'kismet_call_participants',
  source: 'kismet',
  doc: 'One row per participant of a Kismet call. If a call lists one twice, the first entry is the row, and rejects counts the others.',
  key: ['call_id', 'participant_type', 'id'],
  references: { call_id: 'kismet_calls' },
  removal: 'with-parent',
  explode: (record) => listOf(record['participants']),
  columns: {
    call_id: bigint({ path: '^id', nullable: false, doc: 'Call of the participant.' }),
    id: bigint({ path: 'id', nullable: false, doc: 'Id of the participant.' }),
    participant_type: code(
      'Recipient',
      'User',
    )({
      path: 'participant_type',
      nullable: false,
      doc: 'Type of the participant, for example Recipient or User.',
    }),
    name: text({ path: 'name', doc: 'Display name of the participant.' }),
  },
});

/** Fields of a call, whose changes the audit log shows. Source: Calls API, "Call Properties". A name of another field may be data. */
const CALL_FIELDS = [
  ...['id', 'name', 'livekit_session_id', 'state', 'has_egresses', 'is_recording', 'is_canvas_locked', 'is_ended'],
  ...['created_at', 'updated_at', 'participants', 'organization_user_id'],
];

/** One row per audit log entry. Source: Calls API, "List Call Audit Logs". */
export const kismetCallAuditLogs = defineTable({
  name: 'kismet_call_audit_logs',
  source: 'kismet',
  doc: 'One row per audit log entry of a Kismet call: who created, changed or read the call. Entries of older calls may be up to 31 days late. One that is more than a day older than the newest one known by then is not read.',
  key: ['id'],
  references: { call_id: 'kismet_calls', organization_user_id: 'kismet_organization_users' },
  partOn: 'created_at',
  removal: 'never',
  columns: {
    id: bigint({ path: 'id', nullable: false, doc: 'Id of the entry.' }),
    call_id: bigint({ path: '$call_id', doc: 'Call of the entry.' }),
    organization_user_id: bigint({
      path: '$organization_user_id',
      doc: 'Clinician under whom the vendor lists the call.',
    }),
    event: code('create', 'update', 'read')({ path: 'event', doc: 'create, update or read.' }),
    user_id: id({
      path: 'user_id',
      doc: "User who did it, as text: the vendor's document says integer, but its example is a string.",
    }),
    changed_fields: codes(...CALL_FIELDS)({
      path: 'object_changes',
      transform: namesOf,
      doc: 'Names of the changed fields; null for reads.',
    }),
    object_changes: json({ path: 'object_changes', doc: 'The changes, as the vendor sent them.' }),
    created_at: timestamp({ path: 'created_at', doc: 'When the entry was written.' }),
  },
});

/** One row per changed field of an audit log entry. Source: Calls API, "Audit Log Properties". */
export const kismetCallAuditChanges = defineTable({
  name: 'kismet_call_audit_changes',
  source: 'kismet',
  doc: 'One row per changed field of an audit log entry.',
  key: ['audit_log_id', 'field'],
  references: { audit_log_id: 'kismet_call_audit_logs', call_id: 'kismet_calls' },
  partOn: 'created_at',
  removal: 'never',
  explode: changesOf,
  columns: {
    audit_log_id: bigint({ path: '^id', nullable: false, doc: 'Audit log entry of the change.' }),
    call_id: bigint({ path: '$call_id', doc: 'Call of the entry.' }),
    field: code(...CALL_FIELDS)({ path: 'field', nullable: false, doc: 'Name of the changed field.' }),
    old_value: text({
      path: 'old',
      transform: asText,
      doc: 'Value before the change: a string as it is, any other value as JSON text.',
    }),
    new_value: text({
      path: 'new',
      transform: asText,
      doc: 'Value after the change: a string as it is, any other value as JSON text.',
    }),
    created_at: timestamp({ path: '^created_at', doc: 'When the audit log entry was written.' }),
  },
});

/** One row per day and scope. Source: Call Metrics API. */
export const kismetDailyCallMetrics = defineTable({
  name: 'kismet_daily_call_metrics',
  source: 'kismet',
  doc: 'One row per day for the organization and for each clinician, as the vendor counts.',
  key: ['scope', 'scope_id', 'date'],
  references: { organization_user_id: 'kismet_organization_users' },
  partOn: 'date',
  removal: 'never',
  columns: {
    scope: code('organization', 'user')({ path: '$scope', nullable: false, doc: 'organization or user.' }),
    scope_id: id({ path: '$scope_id', nullable: false, doc: "organization, or the clinician's id as text." }),
    organization_user_id: bigint({ path: '$organization_user_id', doc: 'The clinician; null for the organization.' }),
    date: date({
      path: 'date',
      nullable: false,
      doc: "Day, in the vendor's time zone, which its document does not name.",
    }),
    total_calls: bigint({
      path: 'total_calls',
      unit: 'calls',
      plausible: [0, 1_000_000],
      doc: 'Number of calls on that day.',
    }),
    average_duration_seconds: double({ path: 'average_duration', unit: 's', doc: 'Average duration of a call.' }),
    call_fail_rate: double({
      path: 'call_fail_rate',
      plausible: [0, 100],
      doc: 'Share of failed calls, as the vendor sent it. Its document contradicts itself on the unit; see kismet_metrics_reconciliation.',
    }),
    average_wait_time_seconds: double({
      path: 'average_wait_time',
      unit: 's',
      doc: 'Average wait until a call started.',
    }),
  },
});

function countOf(value: unknown, doubt?: (reason: string) => void): number | null {
  const list = listOf(value);
  if (!list) doubt?.(`${kindOf(value)} where a list is expected`);
  return list?.length ?? null;
}

function namesOf(value: unknown, doubt?: (reason: string) => void): string[] | null {
  if (isJsonObject(value)) return Object.keys(value);
  // PHP writes an empty object as an empty list.
  if (Array.isArray(value) && value.length === 0) return [];
  doubt?.(`${kindOf(value)} where an object is expected`);
  return null;
}

function asText(value: unknown): unknown {
  return value === null || value === undefined || typeof value === 'string' ? value : toJsonText(value);
}

/** One element per `[old, new]` pair of `object_changes`. Anything else in it gives no row and is counted, but stays in `object_changes`. */
function changesOf(record: JsonRecord, doubt?: (reason: string) => void): Iterable<unknown> {
  const changes = record['object_changes'];
  if (!isJsonObject(changes)) return [];
  return Object.entries(changes).flatMap(([field, pair]) => {
    if (Array.isArray(pair) && pair.length === 2) return [{ field, old: pair[0], new: pair[1] }];
    doubt?.('a change that is no pair of old and new');
    return [];
  });
}
