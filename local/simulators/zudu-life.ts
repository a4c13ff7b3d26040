import { sometimesNull } from './content.ts';
import type { JsonObject } from './json-text.ts';
import { hideRecord, reviseRecord, showRecord } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import type { Random } from './random.ts';
import { SIGNATURE } from './signature.ts';
import { insertSorted, removeSorted } from './sorted-list.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';
import { callAnalysis, callEvents, callLatency, price, speak } from './zudu-content.ts';
import type { ZuduCall, ZuduWorld } from './zudu-types.ts';

/** Sort key of a call in the list. */
export function sortKey({ options }: World, startMs: number | null, createdMs: number): number {
  if (startMs !== null) return startMs;
  if (options.zuduNulls === 'first') return Number.MAX_SAFE_INTEGER;
  return options.zuduNulls === 'last' ? Number.MIN_SAFE_INTEGER : createdMs;
}

/** Plans what happens to a call from its arrival on. */
export function planZuduLife(zudu: ZuduWorld, random: Random, call: ZuduCall, latest: boolean): void {
  const { world } = zudu;
  const scheduled = random.chance(0.05);
  const registered = !scheduled && random.chance(0.06);
  if (scheduled) call.fields['call_status'] = 'SCHEDULED';
  if (scheduled || registered) call.fields['created_at'] = call.createdMs;
  const neverStarts = registered && random.chance(0.4) && !latest;
  const waitMs = scheduled ? random.int(HOUR_MS, 4 * DAY_MS) : registered ? random.int(MINUTE_MS, 40 * MINUTE_MS) : 0;
  const startMs = call.createdMs + (latest ? 0 : waitMs);
  if (neverStarts) {
    planRemoval(zudu, random, call, startMs);
    return;
  }
  if (startMs > call.createdMs) world.queue.plan(startMs, () => startCall(zudu, call));
  else startCall(zudu, call);
  const endMs = planEnd(zudu, random, call, startMs, latest);
  planAfterwards(zudu, random, call, endMs);
  planRemoval(zudu, random, call, endMs);
}

function startCall({ world, calls }: ZuduWorld, call: ZuduCall): void {
  const { record, fields } = call;
  const listed = record.entry.removedAt === null;
  if (listed) removeSorted(calls, call);
  reviseRecord(record, world.nowMs, () => {
    fields['call_status'] = 'ONGOING';
    fields['start_timestamp'] = world.nowMs;
    touch(call, world.nowMs);
  });
  call.sortMs = sortKey(world, world.nowMs, call.createdMs);
  if (listed) insertSorted(calls, call);
  world.note('zudu', 'start', record.entry.id);
}

function planEnd(zudu: ZuduWorld, random: Random, call: ZuduCall, startMs: number, latest: boolean): number {
  const { fields } = call;
  const { transcripts } = zudu.world.options;
  const seconds = random.chance(0.04) ? random.int(3600, 5 * 3600) : random.int(5, 1200);
  const endMs = startMs + (latest ? seconds + 1800 : seconds) * SECOND_MS + random.int(0, 999);
  const failed = random.chance(0.05);
  const reason = random.pick(['USER_HANGUP', 'AGENT_HANGUP', 'call_transfer', 'VOICEMAIL_REACHED', null]);
  plan(zudu, call, endMs, 'end', () => {
    const id = call.record.entry.id;
    fields['call_status'] = failed ? 'ERROR' : 'ENDED';
    fields['end_timestamp'] = endMs;
    fields['call_duration'] = sometimesNull(random, 0.02, endMs - startMs);
    fields['disconnection_reason'] = failed ? 'ERROR_LLM_WEBSOCKET' : reason;
    fields['events'] = callEvents(random, startMs, endMs);
    fields['latency'] = callLatency(random);
    Object.assign(fields, speak(random, transcripts));
    const blob = `https://storage.azure.com/recordings/${id}.mp4?sv=2024-11-04&sig=${SIGNATURE}`;
    fields['recording_url'] = sometimesNull(random, 0.15, blob);
    fields['public_log_url'] = sometimesNull(random, 0.3, `https://api.zudu.ai/logs/${id}?token=${SIGNATURE}`);
  });
  return endMs;
}

function planAfterwards(zudu: ZuduWorld, random: Random, call: ZuduCall, endMs: number): void {
  const { fields } = call;
  const soon = (): number => endMs + random.int(MINUTE_MS, 2 * HOUR_MS);
  const late = (): number => endMs + random.int(DAY_MS, 12 * DAY_MS);
  const edits: readonly [number, number, WorldEventKind, () => void][] = [
    [0.9, soon(), 'analysis', () => (fields['call_analysis'] = callAnalysis(random))],
    [0.08, late(), 'late-edit', () => (fields['call_analysis'] = callAnalysis(random))],
    [0.9, soon(), 'cost', () => (fields['call_cost'] = { combined_cost: price(random) })],
    [0.06, late(), 'late-edit', () => (fields['call_cost'] = { combined_cost: price(random) })],
    [0.04, late(), 'late-edit', () => (fields['metadata'] = { ...asObject(fields['metadata']), note: 'äöü ✓' })],
    [0.05, late(), 'opt-out', () => (fields['opt_out_sensitive_data_storage'] = true)],
  ];
  for (const [share, at, kind, edit] of edits) {
    if (random.chance(share)) plan(zudu, call, at, kind, edit);
  }
  if (typeof fields['call_id'] !== 'string' && random.chance(0.5)) {
    plan(zudu, call, late(), 'call-id-assigned', () => (fields['call_id'] = `call-${random.hex(12)}${call.seq}`));
  }
}

function asObject(value: JsonObject[string] | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? { ...(value as JsonObject) } : {};
}

function planRemoval(zudu: ZuduWorld, random: Random, call: ZuduCall, afterMs: number): void {
  if (!random.chance(0.06)) return;
  const { world } = zudu;
  const removedMs = afterMs + random.int(2 * HOUR_MS, 11 * DAY_MS);
  world.queue.plan(removedMs, () => removeZuduCall(zudu, call));
  if (!random.chance(0.5)) return;
  world.queue.plan(removedMs + random.int(DAY_MS, 4 * DAY_MS), () => restoreZuduCall(zudu, call));
}

/** Deletes a call for good, or so the vendor says: some come back. */
export function removeZuduCall({ world, calls }: ZuduWorld, call: ZuduCall): void {
  if (call.record.entry.removedAt !== null) return;
  removeSorted(calls, call);
  hideRecord(call.record, world.nowMs, 'vendor');
  world.note('zudu', 'removal', call.record.entry.id);
}

/** Shows a deleted call again. */
export function restoreZuduCall({ world, calls }: ZuduWorld, call: ZuduCall): void {
  if (call.record.entry.removedAt === null) return;
  insertSorted(calls, call);
  showRecord(call.record, world.nowMs);
  world.note('zudu', 'reappearance', call.record.entry.id);
}

/** Notes that the caller wants nothing sensitive stored; the vendor goes on serving it. */
export function optOutZuduCall({ world }: ZuduWorld, { record, fields }: ZuduCall): void {
  reviseRecord(record, world.nowMs, () => {
    fields['opt_out_sensitive_data_storage'] = true;
  });
  world.note('zudu', 'opt-out', record.entry.id);
}

function plan({ world }: ZuduWorld, call: ZuduCall, at: number, kind: WorldEventKind, change: () => void): void {
  world.queue.plan(at, () => {
    reviseRecord(call.record, world.nowMs, () => {
      change();
      touch(call, world.nowMs);
    });
    world.note('zudu', kind, call.record.entry.id);
  });
}

/** Some calls say when they were changed; nobody may rely on it. */
function touch({ fields }: ZuduCall, atMs: number): void {
  if ('updated_at' in fields) fields['updated_at'] = atMs;
}
