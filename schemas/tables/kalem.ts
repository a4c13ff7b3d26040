import { bigint, code, decimal, double, id, label, text, timestamp } from '../column.ts';
import { among, caseOf, normalised, quoteText } from '../derive/sql-text.ts';
import { withUnderscores } from '../safe-text.ts';
import { defineTable } from '../table.ts';

/** Final statuses of a call that nobody took. Source: Calls API, "Fields"; `canceled` is how some carriers write it. */
const UNANSWERED = ['no_answer', 'busy', 'failed', 'cancelled', 'canceled'];
/** Statuses of a call that is not over. */
const GOING = ['pending', 'ringing', 'in_progress'];

/** Source: Calls API, "Fields", "Query Parameters" and "Post-Call vs Call Status". */
const STATUSES = [
  ...['pending', 'initiated', 'ringing', 'in_progress', 'completed'],
  ...['failed', 'no_answer', 'busy', 'cancelled'],
];

/** The document gives NORMAL_CLEARING as an example. It is a word of FreeSWITCH, whose others are in `switch_channel.c`, CAUSE_CHART. */
const HANGUP_CAUSES = [
  ...[
    'NONE',
    'UNSPECIFIED',
    'UNALLOCATED_NUMBER',
    'NO_ROUTE_TRANSIT_NET',
    'NO_ROUTE_DESTINATION',
    'CHANNEL_UNACCEPTABLE',
  ],
  ...['CALL_AWARDED_DELIVERED', 'NORMAL_CLEARING', 'USER_BUSY', 'NO_USER_RESPONSE', 'NO_ANSWER', 'SUBSCRIBER_ABSENT'],
  ...['CALL_REJECTED', 'NUMBER_CHANGED', 'REDIRECTION_TO_NEW_DESTINATION', 'EXCHANGE_ROUTING_ERROR'],
  ...['DESTINATION_OUT_OF_ORDER', 'INVALID_NUMBER_FORMAT', 'FACILITY_REJECTED', 'RESPONSE_TO_STATUS_ENQUIRY'],
  ...['NORMAL_UNSPECIFIED', 'NORMAL_CIRCUIT_CONGESTION', 'NETWORK_OUT_OF_ORDER', 'NORMAL_TEMPORARY_FAILURE'],
  ...['SWITCH_CONGESTION', 'ACCESS_INFO_DISCARDED', 'REQUESTED_CHAN_UNAVAIL', 'PRE_EMPTED', 'FACILITY_NOT_SUBSCRIBED'],
  ...['OUTGOING_CALL_BARRED', 'INCOMING_CALL_BARRED', 'BEARERCAPABILITY_NOTAUTH', 'BEARERCAPABILITY_NOTAVAIL'],
  ...['SERVICE_UNAVAILABLE', 'BEARERCAPABILITY_NOTIMPL', 'CHAN_NOT_IMPLEMENTED', 'FACILITY_NOT_IMPLEMENTED'],
  ...['SERVICE_NOT_IMPLEMENTED', 'INVALID_CALL_REFERENCE', 'INCOMPATIBLE_DESTINATION', 'INVALID_MSG_UNSPECIFIED'],
  ...['MANDATORY_IE_MISSING', 'MESSAGE_TYPE_NONEXIST', 'WRONG_MESSAGE', 'IE_NONEXIST', 'INVALID_IE_CONTENTS'],
  ...['WRONG_CALL_STATE', 'RECOVERY_ON_TIMER_EXPIRE', 'MANDATORY_IE_LENGTH_ERROR', 'PROTOCOL_ERROR', 'INTERWORKING'],
  ...['ORIGINATOR_CANCEL', 'CRASH', 'SYSTEM_SHUTDOWN', 'LOSE_RACE', 'MANAGER_REQUEST', 'BLIND_TRANSFER'],
  ...['ATTENDED_TRANSFER', 'ALLOTTED_TIMEOUT', 'USER_CHALLENGE', 'MEDIA_TIMEOUT', 'PICKED_OFF', 'USER_NOT_REGISTERED'],
  ...['PROGRESS_TIMEOUT', 'GATEWAY_DOWN'],
];

/** One row per call that a Kalem voice agent placed or took. Source: `GET /api/v1/calls`. */
export const kalemCalls = defineTable({
  name: 'kalem_calls',
  source: 'kalem',
  doc: 'One row per call that a Kalem voice agent placed or took.',
  key: ['call_id'],
  callerNumber: { inbound: 'from_number', outbound: 'to_number', direction: 'direction' },
  columns: {
    call_id: id({ path: 'call_id', nullable: false, doc: 'Id of the call (UUID).' }),
    direction: code(
      'inbound',
      'outbound',
    )({
      path: '$direction',
      doc: 'inbound or outbound, by the list in which the vendor shows the call; null if it is in neither.',
    }),
    status: code(...STATUSES)({
      path: 'status',
      // A call has `in_progress`, filters and webhooks have `in-progress`: Calls API, "Fields" and "Query Parameters".
      transform: withUnderscores,
      doc: 'Status, always with underscores, for example in_progress.',
    }),
    to_number: text({ path: 'to_number', hash: 'phone', doc: 'Phone number or SIP address that was called.' }),
    from_number: text({ path: 'from_number', hash: 'phone', doc: 'Phone number of the caller.' }),
    agent: label({ path: 'agent', doc: 'Name that staff gave the AI agent. It can be renamed.' }),
    duration_seconds: bigint({
      path: 'duration_seconds',
      unit: 's',
      doc: 'Duration; null if the call was not answered.',
    }),
    duration_minutes: double({
      path: 'duration_minutes',
      unit: 'min',
      doc: 'Duration in minutes; null if the call was not answered.',
    }),
    cost: decimal({ path: 'cost', unit: 'USD', doc: 'Total cost; null until the call is completed.' }),
    realtime_cost: decimal({
      path: 'realtime_cost',
      unit: 'USD',
      doc: 'Cost of real-time AI processing; null until the call is completed.',
    }),
    started_at: timestamp({ path: 'started_at', doc: 'When the call was initiated; null if it has not started.' }),
    answered_at: timestamp({ path: 'answered_at', doc: 'When the call was answered; null if it was not.' }),
    ended_at: timestamp({ path: 'ended_at', doc: 'When the call ended; null while it is in progress.' }),
    recording_url: text({
      path: 'recording_url',
      url: true,
      doc: 'URL of the recording. Callhouse never opens it.',
    }),
    hangup_cause: code(...HANGUP_CAUSES)({
      path: 'hangup_cause',
      doc: 'Why the call ended, for example NORMAL_CLEARING.',
    }),
  },
  calls: {
    call_id: 'call_id',
    agent: 'agent',
    channel: "'phone'",
    direction: 'direction',
    status: 'status',
    outcome: 'hangup_cause',
    result: caseOf(normalised('status'), {
      ...Object.fromEntries([...UNANSWERED, ...GOING, 'completed'].map((status) => [status, quoteText(status)])),
      canceled: "'cancelled'",
    }),
    // "answered_at: null if not answered" (Calls API, "Fields").
    answered: `CASE WHEN answered_at IS NOT NULL THEN TRUE WHEN ${among(normalised('status'), UNANSWERED)} THEN FALSE END`,
    answered_basis: "'stated'",
    is_ended: `CASE WHEN ended_at IS NOT NULL OR ${among(normalised('status'), [...UNANSWERED, 'completed'])} THEN TRUE WHEN ${among(normalised('status'), GOING)} THEN FALSE END`,
    started_at: 'started_at',
    ended_at: 'ended_at',
    duration_seconds: 'duration_seconds',
    wait_seconds: "date_diff('millisecond', started_at, answered_at) / 1e3",
    cost: 'cost',
    cost_currency: "'USD'",
    caller_hash: '_caller_hash',
  },
});
