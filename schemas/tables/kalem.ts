import { bigint, decimal, double, text, timestamp } from '../column.ts';
import { defineTable } from '../table.ts';

/** The vendor writes `in_progress` in a call and `in-progress` in filters and webhooks. Source: Calls API, "Fields" and "Query Parameters". */
function withUnderscores(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('-', '_') : value;
}

/** One row per call that a Kalem voice agent placed or took. Source: `GET /api/v1/calls`. */
export const kalemCalls = defineTable({
  name: 'kalem_calls',
  source: 'kalem',
  doc: 'One row per call that a Kalem voice agent placed or took.',
  key: ['call_id'],
  callerNumber: { inbound: 'from_number', outbound: 'to_number', direction: 'direction' },
  columns: {
    call_id: text({ path: 'call_id', nullable: false, doc: 'Id of the call (UUID).' }),
    direction: text({
      path: '$direction',
      doc: 'inbound or outbound, by the list in which the vendor shows the call; null if it is in neither.',
    }),
    status: text({
      path: 'status',
      transform: withUnderscores,
      doc: 'Status, always with underscores, for example in_progress.',
    }),
    to_number: text({ path: 'to_number', hash: 'phone', doc: 'Phone number or SIP address that was called.' }),
    from_number: text({ path: 'from_number', hash: 'phone', doc: 'Phone number of the caller.' }),
    agent: text({ path: 'agent', doc: 'Name of the AI agent. It can be renamed.' }),
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
      sensitive: true,
      url: true,
      doc: 'URL of the recording. Callhouse never opens it.',
    }),
    hangup_cause: text({ path: 'hangup_cause', doc: 'Why the call ended, for example NORMAL_CLEARING.' }),
  },
  calls: {
    call_id: 'call_id',
    agent: 'agent',
    direction: 'direction',
    status: 'status',
    outcome: 'hangup_cause',
    started_at: 'started_at',
    ended_at: 'ended_at',
    duration_seconds: 'duration_seconds',
    wait_seconds: "date_diff('millisecond', started_at, answered_at) / 1e3",
    cost: 'cost',
    cost_currency: "CASE WHEN cost IS NULL THEN NULL ELSE 'USD' END",
    caller_hash: '_caller_hash',
  },
});
