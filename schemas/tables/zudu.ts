import { bigint, boolean, code, decimal, double, doubles, id, json, text, timestamp } from '../column.ts';
import { among, caseOf, normalised } from '../derive/sql-text.ts';
import { defineTable } from '../table.ts';

/**
 * Why a call ended, by whether somebody took it. The vendor's document shows USER_HANGUP and no list; the other words are those of
 * Retell, whose page says "not connected" of the `dial_` ones. What is in neither list is unknown.
 * @see {@link https://docs.retellai.com/reliability/debug-call-disconnect}
 */
const TAKEN = ['user_hangup', 'agent_hangup', 'inactivity', 'max_duration_reached', 'call_transfer'];
const NOT_TAKEN: Readonly<Record<string, string>> = {
  dial_no_answer: "'no_answer'",
  dial_busy: "'busy'",
  dial_failed: "'failed'",
  invalid_destination: "'failed'",
};

const STATUS = normalised('call_status');
const REASON = normalised('disconnection_reason');
const IS_VOICEMAIL = `(${REASON} = 'voicemail_reached' OR in_voicemail)`;

const RESULT = [
  `CASE WHEN ${among(REASON, Object.keys(NOT_TAKEN))} THEN ${caseOf(REASON, NOT_TAKEN)}`,
  `WHEN ${REASON} LIKE 'error%' OR ${STATUS} = 'error' THEN 'failed'`,
  `WHEN ${IS_VOICEMAIL} THEN 'voicemail'`,
  `WHEN ${REASON} = 'call_transfer' THEN 'transferred'`,
  `WHEN ${among(REASON, TAKEN)} THEN 'completed'`,
  `WHEN ${STATUS} = 'ongoing' THEN 'in_progress'`,
  `WHEN ${among(STATUS, ['registered', 'scheduled'])} THEN 'pending' END`,
].join(' ');

/** A voicemail that took an outbound call counts as an answer. What it means for an inbound call, no document says. */
const ANSWERED = [
  `CASE WHEN ${among(REASON, Object.keys(NOT_TAKEN))} THEN FALSE`,
  `WHEN ${IS_VOICEMAIL} THEN CASE WHEN ${normalised('direction')} = 'outbound' THEN TRUE END`,
  `WHEN ${among(REASON, TAKEN)} THEN TRUE END`,
].join(' ');

const latency = (part: string, doc: string) => double({ path: `latency.e2e.${part}`, unit: 'ms', doc });

/**
 * The document gives USER_HANGUP as an example. The words are those of Retell, whose lists Zudu's have the form of.
 * @see {@link https://docs.retellai.com/reliability/debug-call-disconnect}
 */
const REASONS = [
  ...['user_hangup', 'agent_hangup', 'call_transfer', 'voicemail_reached', 'ivr_reached', 'inactivity'],
  ...['machine_detected'],
  ...['max_duration_reached', 'concurrency_limit_reached', 'no_valid_payment', 'scam_detected', 'marked_as_spam'],
  ...['dial_busy', 'dial_failed', 'dial_no_answer', 'user_declined', 'invalid_destination'],
  ...['telephony_provider_permission_denied', 'telephony_provider_unavailable', 'sip_routing_error'],
  ...['error_inbound_webhook', 'error_llm_websocket_open', 'error_llm_websocket_lost_connection'],
  ...['error_llm_websocket_runtime', 'error_llm_websocket_corrupt_payload', 'error_no_audio_received', 'error_asr'],
  ...['error_retell', 'error_unknown', 'error_user_not_joined', 'registered_call_timeout'],
  ...['error_frontend_corrupted_payload', 'error_twilio'],
];

/** One row per call of a Zudu voice agent. Source: `GET /api/calls`. */
export const zuduCalls = defineTable({
  name: 'zudu_calls',
  source: 'zudu',
  doc: 'One row per call of a Zudu voice agent.',
  key: ['call_id'],
  stableKey: { column: 'call_id', by: 'id' },
  optOut: { flagColumn: 'opt_out_sensitive_data_storage' },
  callerNumber: { inbound: 'from_number', outbound: 'to_number', direction: 'direction' },
  columns: {
    call_id: id({
      path: ['call_id', 'id'],
      nullable: false,
      doc: "The vendor's call_id, or its id if there is none or it is empty. It never changes once the call was seen.",
    }),
    id: id({ path: 'id', doc: 'Internal id (UUID).' }),
    agent_id: id({ path: 'agent_id', doc: 'Id of the agent that handled the call.' }),
    organization_id: id({ path: 'organization_id', doc: 'Id of the organization at Zudu.' }),
    call_status: code(
      'registered',
      'scheduled',
      'ongoing',
      'ended',
      'error',
    )({
      path: 'call_status',
      doc: 'Status, as the vendor sent it, for example ENDED.',
    }),
    call_type: code(
      'phone_call',
      'web_call',
    )({
      path: 'call_type',
      doc: 'PHONE_CALL or WEB_CALL, as the vendor sent it.',
    }),
    direction: code(
      'inbound',
      'outbound',
    )({
      path: 'direction',
      doc: 'INBOUND or OUTBOUND, as the vendor sent it.',
    }),
    from_number: text({ path: 'from_number', hash: 'phone', doc: 'Phone number of the caller.' }),
    to_number: text({ path: 'to_number', hash: 'phone', doc: 'Phone number that was called.' }),
    started_at: timestamp({
      path: 'start_timestamp',
      doc: 'When the call started; null while it is registered or scheduled.',
    }),
    ended_at: timestamp({ path: 'end_timestamp', doc: 'When the call ended.' }),
    call_duration_ms: bigint({ path: 'call_duration', unit: 'ms', doc: 'Duration of the call.' }),
    disconnection_reason: code(...REASONS)({
      path: 'disconnection_reason',
      doc: 'Why the call ended, for example USER_HANGUP.',
    }),
    recording_url: text({
      path: 'recording_url',
      url: true,
      doc: 'URL of the recording. Callhouse never opens it.',
    }),
    public_log_url: text({
      path: 'public_log_url',
      url: true,
      doc: 'URL of the call log. Callhouse never opens it.',
    }),
    opt_out_sensitive_data_storage: boolean({
      path: 'opt_out_sensitive_data_storage',
      doc: 'Unless false, Callhouse stores no sensitive column and no unknown field of this call, only hashes of its numbers. Null if the flag is missing or unclear, which rejects counts; the setting optOutWhenAbsent says what that means.',
    }),
    metadata: json({ path: 'metadata', doc: 'Free-form data attached to the call.' }),
    metadata_customer_id: text({
      path: 'metadata.customer_id',
      hash: 'customer',
      doc: 'Customer id from the metadata.',
    }),
    metadata_priority: code('high')({ path: 'metadata.priority', doc: 'Priority from the metadata.' }),
    metadata_campaign: text({
      path: 'metadata.campaign',
      hash: 'campaign',
      showsNamed: true,
      doc: 'Campaign from the metadata.',
    }),
    metadata_batch_call_id: text({
      path: 'metadata.batch_call_id',
      hash: 'batch',
      showsNamed: true,
      doc: 'Batch of the call, from the metadata.',
    }),
    events: json({ path: 'events', doc: 'Events of the call.' }),
    transcript: text({ path: 'transcript', doc: 'Transcript of the call.' }),
    transcript_object: json({ path: 'transcript_object', doc: 'Transcript of the call by turn.' }),
    transcript_with_tool_calls: json({
      path: 'transcript_with_tool_calls',
      doc: 'Transcript of the call by turn, with tool calls.',
    }),
    latency_e2e_max: latency('max', 'Longest end-to-end latency.'),
    latency_e2e_min: latency('min', 'Shortest end-to-end latency.'),
    latency_e2e_p50: latency('p50', 'Median end-to-end latency.'),
    latency_e2e_p90: latency('p90', '90th percentile of the end-to-end latency.'),
    latency_e2e_p95: latency('p95', '95th percentile of the end-to-end latency.'),
    latency_e2e_p99: latency('p99', '99th percentile of the end-to-end latency.'),
    latency_e2e_num: bigint({
      path: 'latency.e2e.num',
      unit: 'measurements',
      doc: 'Number of latency measurements.',
    }),
    latency_e2e_values: doubles({ path: 'latency.e2e.values', unit: 'ms', doc: 'End-to-end latencies, as measured.' }),
    call_successful: boolean({
      path: 'call_analysis.call_successful',
      doc: 'True if the vendor judges that the call was successful.',
    }),
    call_summary: text({ path: 'call_analysis.call_summary', doc: 'Summary written by the vendor.' }),
    user_sentiment: code(
      'positive',
      'neutral',
      'negative',
      'unknown',
    )({
      path: 'call_analysis.user_sentiment',
      doc: 'Sentiment of the user, for example Positive.',
    }),
    in_voicemail: boolean({ path: 'call_analysis.in_voicemail', doc: 'True if a voicemail answered.' }),
    combined_cost: decimal({
      path: 'call_cost.combined_cost',
      doc: 'Cost of the call. The vendor does not document the currency.',
    }),
    call_sid: id({ path: 'telephony_identifier.call_sid', doc: "The carrier's id of the call." }),
    conference_sid: id({ path: 'telephony_identifier.conference_sid', doc: "The carrier's id of the conference." }),
  },
  calls: {
    call_id: 'call_id',
    agent: 'agent_id',
    channel: caseOf(normalised('call_type'), { phone_call: "'phone'", web_call: "'web'" }),
    direction: 'direction',
    status: 'call_status',
    outcome: 'disconnection_reason',
    result: RESULT,
    answered: ANSWERED,
    answered_basis: "'inferred'",
    is_ended: `CASE WHEN ended_at IS NOT NULL THEN TRUE ELSE ${caseOf(STATUS, { ended: 'TRUE', error: 'TRUE', registered: 'FALSE', scheduled: 'FALSE', ongoing: 'FALSE' })} END`,
    started_at: 'started_at',
    ended_at: 'ended_at',
    duration_seconds: 'call_duration_ms / 1e3',
    cost: 'combined_cost',
    is_successful: 'call_successful',
    sentiment: 'lower(user_sentiment)',
    caller_hash: '_caller_hash',
  },
});
