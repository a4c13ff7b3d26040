import type { Kind } from './canonical.ts';

/** A column of the warehouse. `phi`: only in callhouse_phi; `hash`: callhouse holds its keyed hash of this kind. */
export interface ColumnShape {
  readonly kind: Kind;
  readonly phi?: boolean;
  readonly hash?: string | undefined;
  /** Both have it, and callhouse shows a text only if it fits. A word of a list that is none of these may be shown or not. */
  readonly shown?: 'id' | 'label' | 'named' | 'code' | undefined;
  readonly words?: readonly string[] | undefined;
}

/** A table of the warehouse without bookkeeping columns. */
export interface TableShape {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnShape>>;
}

/** Reads `name kind[ P][ H:kind of hash][ id|label|named|code:word|word]`, one column each. */
function shape(key: string, columns: string): TableShape {
  const entries = columns
    .trim()
    .split(/\s*,\s*/)
    .map((text): [string, ColumnShape] => {
      const [name = '', kind = 'text', ...flags] = text.trim().split(/\s+/);
      const after = (prefix: string) => flags.find((flag) => flag.startsWith(prefix))?.slice(prefix.length);
      const words = after('code:')?.split('|');
      const shown = words ? 'code' : (['id', 'label', 'named'] as const).find((rule) => flags.includes(rule));
      return [name, { kind: kind as Kind, phi: flags.includes('P'), hash: after('H:'), shown, words }];
    });
  return { key: key.split(' '), columns: Object.fromEntries(entries) };
}

/** Every table that holds vendors' data. */
export const TABLE_SHAPES = {
  kismet_organization_users: shape(
    'id',
    `id bigint, display_name text label, email text P, is_admin boolean,
    roles json code:provider|provider_assistant|organization_admin, created_at timestamp,
    updated_at timestamp`,
  ),
  kismet_calls: shape(
    'id',
    `id bigint, organization_user_id bigint, name text P, livekit_session_id text P H:session, state text code:active|ended, has_egresses boolean,
    is_recording boolean, is_canvas_locked boolean, is_ended boolean, participant_count bigint, created_at timestamp,
    updated_at timestamp`,
  ),
  kismet_call_participants: shape(
    'call_id participant_type id',
    'call_id bigint, id bigint, participant_type text code:Recipient|User, name text P',
  ),
  kismet_call_audit_logs: shape(
    'id',
    `id bigint, call_id bigint, organization_user_id bigint, event text code:create|update|read, user_id text id,
    changed_fields json code:name|livekit_session_id|state|is_recording|is_canvas_locked|is_ended|has_egresses|updated_at|created_at|id,
    object_changes json P, created_at timestamp`,
  ),
  kismet_call_audit_changes: shape(
    'audit_log_id field',
    'audit_log_id bigint, call_id bigint, field text code:name|livekit_session_id|state|is_recording|is_canvas_locked|is_ended|has_egresses|updated_at|created_at|id, old_value text P, new_value text P, created_at timestamp',
  ),
  kismet_daily_call_metrics: shape(
    'scope scope_id date',
    `scope text code:organization|user, scope_id text id, organization_user_id bigint, date date, total_calls bigint,
    average_duration_seconds double, call_fail_rate double, average_wait_time_seconds double`,
  ),
  solum_calls: shape(
    'id',
    `id text id, org_id text id, created_at timestamp, assistant_id text id, phone_number_id text id,
    type text code:inboundPhoneCall|outboundPhoneCall|webCall,
    started_at timestamp, ended_at timestamp, summary text P, customer_number text P H:phone, status text code:pending|done|follow_up_needed,
    category text code:client_support|miscellaneous|billing|new_appointment|existing_appointment|rescheduling|cancellation|authorization|appointment_inquiry,
    duration_min double, patient_id text P H:patient, language text code:english, sessions_scheduled bigint`,
  ),
  zudu_calls: shape(
    'call_id',
    `call_id text id, id text id, agent_id text id, organization_id text id,
    call_status text code:REGISTERED|SCHEDULED|ONGOING|ENDED|ERROR, call_type text code:PHONE_CALL|WEB_CALL,
    direction text code:INBOUND|OUTBOUND,
    from_number text P H:phone, to_number text P H:phone, started_at timestamp, ended_at timestamp, call_duration_ms bigint,
    disconnection_reason text code:USER_HANGUP, recording_url url P, public_log_url url P, opt_out_sensitive_data_storage boolean,
    metadata json P, metadata_customer_id text P H:customer, metadata_priority text code:high,
    metadata_campaign text P H:campaign named, metadata_batch_call_id text P H:batch named, events json P, transcript text P, transcript_object json P,
    transcript_with_tool_calls json P, latency_e2e_max double, latency_e2e_min double, latency_e2e_p50 double,
    latency_e2e_p90 double, latency_e2e_p95 double, latency_e2e_p99 double, latency_e2e_num bigint,
    latency_e2e_values doubles, call_successful boolean, call_summary text P, user_sentiment text code:Positive,
    in_voicemail boolean, combined_cost money, call_sid text id, conference_sid text id`,
  ),
  kalem_calls: shape(
    'call_id',
    `call_id text id, direction text code:inbound|outbound,
    status text code:pending|ringing|in_progress|completed|failed|no_answer|busy|cancelled, to_number text P H:phone, from_number text P H:phone, agent text label,
    duration_seconds bigint, duration_minutes double, cost money, realtime_cost money, started_at timestamp,
    answered_at timestamp, ended_at timestamp, recording_url url P, hangup_cause text code:NORMAL_CLEARING`,
  ),
} as const satisfies Record<string, TableShape>;

export type TableName = keyof typeof TABLE_SHAPES;
