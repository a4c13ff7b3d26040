import { callerNumber } from './callers.ts';
import { phoneNumber, sometimesNull, unknownFields } from './content.ts';
import type { JsonObject } from './json-text.ts';
import { enterRecord } from './ledger.ts';
import type { Random } from './random.ts';
import { insertSorted } from './sorted-list.ts';
import { planArrivals, type World } from './world.ts';
import { callMetadata } from './zudu-content.ts';
import { planZuduLife, sortKey } from './zudu-life.ts';
import type { ZuduCall, ZuduWorld } from './zudu-types.ts';

export const ZUDU_ORGANIZATION = 'org-789';

/** Makes Zudu's world and plans its calls. */
export function createZuduWorld(world: World): ZuduWorld {
  const zudu: ZuduWorld = { world, calls: [], arrive: (label) => arrive(label, 0) };
  let arrived = 0;
  const arrive = (label: string, index: number): void => {
    arrived += 1;
    const random = world.random(`zudu/call/${label}`);
    const call = createCall(world, random, arrived, label);
    insertSorted(zudu.calls, call);
    world.note('zudu', 'arrival', call.record.entry.id);
    planZuduLife(zudu, random, call, index === -1);
  };
  planArrivals(world, { label: 'zudu', arrive: (index) => arrive(String(index), index) });
  return zudu;
}

function createCall(world: World, random: Random, seq: number, label: string): ZuduCall {
  const createdMs = world.nowMs;
  const id = random.uuid();
  // Chance alone makes two alike among some 100,000.
  const callId: JsonObject = { call_id: `call-${random.hex(12)}${seq}` };
  if (random.chance(0.02)) callId['call_id'] = null;
  const fields: JsonObject = {
    id,
    ...(random.chance(0.01) ? {} : callId),
    agent_id: sometimesNull(random, 0.02, `agent-${random.int(1, 4)}`),
    organization_id: ZUDU_ORGANIZATION,
    call_status: 'REGISTERED',
    call_type: random.chance(0.93) ? 'PHONE_CALL' : 'WEB_CALL',
    direction: sometimesNull(random, 0.03, random.chance(0.4) ? 'INBOUND' : 'OUTBOUND'),
    from_number: sometimesNull(random, 0.04, phoneNumber(random)),
    to_number: sometimesNull(random, 0.04, phoneNumber(random)),
    start_timestamp: null,
    end_timestamp: null,
    call_duration: null,
    disconnection_reason: null,
    recording_url: null,
    public_log_url: null,
    ...optOut(random),
    metadata: callMetadata(random),
    events: [],
    transcript: null,
    transcript_object: [],
    transcript_with_tool_calls: [],
    latency: null,
    call_analysis: null,
    call_cost: null,
    telephony_identifier: telephony(random),
    ...unknownFields(random, 0.08),
  };
  if (fields['direction'] === 'INBOUND') {
    const number = fields['from_number'] as string | null;
    fields['from_number'] = callerNumber(world, { vendor: 'zudu', label }, number);
  }
  if (random.chance(0.25)) fields['created_at'] = createdMs;
  if (random.chance(0.15)) fields['updated_at'] = createdMs;
  const record = enterRecord(world.book, { vendor: 'zudu', stream: 'calls', id }, createdMs, () => fields);
  return { record, fields, createdMs, seq, sortMs: sortKey(world, null, createdMs) };
}

/** Seldom the flag is null or missing: then nobody knows, and nothing sensitive may be kept. */
function optOut(random: Random): JsonObject {
  const drawn = random.next();
  if (drawn < 0.01) return {};
  return { opt_out_sensitive_data_storage: drawn < 0.02 ? null : drawn < 0.07 };
}

function telephony(random: Random): JsonObject | null {
  if (random.chance(0.1)) return null;
  const conference = sometimesNull(random, 0.3, `CF${random.hex(32)}`);
  return { call_sid: `CA${random.hex(32)}`, conference_sid: conference };
}
