import { bigint, code, double, id, text, timestamp } from '../column.ts';
import { caseOf, normalised } from '../derive/sql-text.ts';
import { defineTable } from '../table.ts';

/** Source: List Calls, query parameter `category`. */
const CATEGORIES = [
  'client_support',
  'miscellaneous',
  'billing',
  'new_appointment',
  'existing_appointment',
  'rescheduling',
  'cancellation',
  'authorization',
  'appointment_inquiry',
];

/** Words of Vapi's `CallType`. */
const VAPI_TYPES = ['inboundPhoneCall', 'outboundPhoneCall', 'webCall', 'vapi.websocketCall'];

/** One row per call that a Solum call agent took. Source: `GET /v1/calls`. */
export const solumCalls = defineTable({
  name: 'solum_calls',
  source: 'solum',
  doc: 'One row per call that a Solum call agent took.',
  key: ['id'],
  partOn: 'created_at',
  callerNumber: { inbound: 'customer_number', outbound: 'customer_number' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the call (UUID).' }),
    org_id: id({ path: 'org_id', doc: 'Organization at Solum that took the call.' }),
    created_at: timestamp({ path: 'created_at', doc: 'When the vendor recorded the call.' }),
    assistant_id: id({ path: 'assistant_id', doc: 'Assistant that took the call.' }),
    phone_number_id: id({ path: 'phone_number_id', doc: "Id of the clinic's number at Solum." }),
    // The document says only "string". Its assistants are Vapi's, which documents these words.
    type: code(...VAPI_TYPES)({ path: 'type', doc: "Type of the call, in the vendor's words." }),
    started_at: timestamp({ path: 'started_at', doc: 'When the call started; null if it never connected.' }),
    ended_at: timestamp({ path: 'ended_at', doc: 'When the call ended.' }),
    summary: text({ path: 'summary', doc: 'Free text about the call, written by the vendor.' }),
    customer_number: text({ path: 'customer_number', hash: 'phone', doc: "The caller's phone number." }),
    status: code(
      'pending',
      'done',
      'follow_up_needed',
    )({
      path: 'status',
      doc: 'State in the work queue: pending, done or follow_up_needed. It can change for weeks after the call.',
    }),
    category: code(...CATEGORIES)({
      path: 'category',
      doc: 'What the call was about, for example billing or cancellation.',
    }),
    duration_min: double({ path: 'duration_min', unit: 'min', doc: 'Duration of the call.' }),
    patient_id: text({ path: 'patient_id', hash: 'patient', doc: 'Id of the patient of the call.' }),
    language: code('english')({ path: 'language', doc: 'Language spoken, for example english.' }),
    sessions_scheduled: bigint({ path: 'sessions_scheduled', unit: 'sessions', doc: 'Sessions booked in the call.' }),
  },
  history: ['status', 'category'],
  calls: {
    call_id: 'id',
    agent: 'assistant_id',
    // The document says only that `type` is text. The words are those of Vapi's `CallType`; its `webCall` has no direction.
    channel: "CASE WHEN lower(type) LIKE '%phone%' THEN 'phone' WHEN lower(type) LIKE '%web%' THEN 'web' END",
    direction:
      "CASE WHEN lower(type) LIKE 'inbound%' THEN 'inbound' WHEN lower(type) LIKE 'outbound%' THEN 'outbound' END",
    status: 'status',
    outcome: 'category',
    category: 'category',
    is_ended: 'CASE WHEN ended_at IS NOT NULL THEN TRUE END',
    started_at: 'started_at',
    ended_at: 'ended_at',
    duration_seconds: 'duration_min * 60',
    sessions_scheduled: 'sessions_scheduled',
    needs_follow_up: caseOf(normalised('status'), { follow_up_needed: 'TRUE', pending: 'FALSE', done: 'FALSE' }),
    language: 'language',
    caller_hash: '_caller_hash',
    patient_hash: 'patient_id_hash',
  },
});
