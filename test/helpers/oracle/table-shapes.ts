import type { Kind } from './canonical.ts';

/** A column of the warehouse. `phi`: only in callhouse_phi; `hash`: callhouse holds its keyed hash of this kind. */
export interface ColumnShape {
  readonly kind: Kind;
  readonly phi?: boolean;
  readonly hash?: string | undefined;
}

/** A table of the warehouse without bookkeeping columns. */
export interface TableShape {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnShape>>;
}

/** Reads `name kind[ P][ H:kind of hash]`, one column each. */
function shape(key: string, columns: string): TableShape {
  const entries = columns
    .trim()
    .split(/\s*,\s*/)
    .map((text): [string, ColumnShape] => {
      const [name = '', kind = 'text', ...flags] = text.trim().split(/\s+/);
      return [
        name,
        { kind: kind as Kind, phi: flags.includes('P'), hash: flags.find((flag) => flag.startsWith('H:'))?.slice(2) },
      ];
    });
  return { key: key.split(' '), columns: Object.fromEntries(entries) };
}

/** Every table that holds vendors' data. */
export const TABLE_SHAPES = {
  kismet_organization_users: shape(
    'id',
    `id bigint, display_name text, email text P, is_admin boolean, roles json, created_at timestamp,
    updated_at timestamp`,
  ),
  kismet_calls: shape(
    'id',
    `id bigint, organization_user_id bigint, name text P, livekit_session_id text P H:session, state text, has_egresses boolean,
    is_recording boolean, is_canvas_locked boolean, is_ended boolean, participant_count bigint, created_at timestamp,
    updated_at timestamp`,
  ),
  kismet_call_participants: shape(
    'call_id participant_type id',
    'call_id bigint, id bigint, participant_type text, name text P',
  ),
  kismet_call_audit_logs: shape(
    'id',
    `id bigint, call_id bigint, organization_user_id bigint, event text, user_id text, changed_fields json,
    object_changes json P, created_at timestamp`,
  ),
  kismet_call_audit_changes: shape(
    'audit_log_id field',
    'audit_log_id bigint, call_id bigint, field text, old_value text P, new_value text P, created_at timestamp',
  ),
  kismet_daily_call_metrics: shape(
    'scope scope_id date',
    `scope text, scope_id text, organization_user_id bigint, date date, total_calls bigint,
    average_duration_seconds double, call_fail_rate double, average_wait_time_seconds double`,
  ),
  solum_calls: shape(
    'id',
    `id text, org_id text, created_at timestamp, assistant_id text, phone_number_id text, type text,
    started_at timestamp, ended_at timestamp, summary text P, customer_number text P H:phone, status text, category text,
    duration_min double, patient_id text P H:patient, language text, sessions_scheduled bigint`,
  ),
  zudu_calls: shape(
    'call_id',
    `call_id text, id text, agent_id text, organization_id text, call_status text, call_type text, direction text,
    from_number text P H:phone, to_number text P H:phone, started_at timestamp, ended_at timestamp, call_duration_ms bigint,
    disconnection_reason text, recording_url url P, public_log_url url P, opt_out_sensitive_data_storage boolean,
    metadata json P, metadata_customer_id text P H:customer, metadata_priority text,
    metadata_campaign text P H:campaign, metadata_batch_call_id text P H:batch, events json P, transcript text P, transcript_object json P,
    transcript_with_tool_calls json P, latency_e2e_max double, latency_e2e_min double, latency_e2e_p50 double,
    latency_e2e_p90 double, latency_e2e_p95 double, latency_e2e_p99 double, latency_e2e_num bigint,
    latency_e2e_values doubles, call_successful boolean, call_summary text P, user_sentiment text,
    in_voicemail boolean, combined_cost money, call_sid text, conference_sid text`,
  ),
  kalem_calls: shape(
    'call_id',
    `call_id text, direction text, status text, to_number text P H:phone, from_number text P H:phone, agent text,
    duration_seconds bigint, duration_minutes double, cost money, realtime_cost money, started_at timestamp,
    answered_at timestamp, ended_at timestamp, recording_url url P, hangup_cause text`,
  ),
} as const satisfies Record<string, TableShape>;

export type TableName = keyof typeof TABLE_SHAPES;
