import { callerNumber } from './callers.ts';
import { personName, phoneNumber, sometimesNull, unknownFields } from './content.ts';
import type { JsonObject } from './json-text.ts';
import { enterRecord, hideRecord, reviseRecord, type SimRecord } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import type { Random } from './random.ts';
import { SIGNATURE } from './signature.ts';
import { insertSorted, removeSorted, type Sortable } from './sorted-list.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, planArrivals, SECOND_MS, type World } from './world.ts';
import { price } from './zudu-content.ts';

export type KalemDirection = 'inbound' | 'outbound';

/** A call as Kalem holds it; its direction is known to the filter only. */
export interface KalemCall extends Sortable {
  readonly record: SimRecord;
  readonly fields: JsonObject;
  readonly direction: KalemDirection | null;
}

/** Kalem's side of the world. */
export interface KalemWorld {
  readonly world: World;
  /** Calls that are listed, ascending by creation: all, and those of each direction. */
  readonly lists: Readonly<Record<'all' | KalemDirection, KalemCall[]>>;
  arrive(label: string, direction?: KalemDirection): void;
}

const FINISHED = ['completed', 'failed', 'no_answer', 'no-answer', 'busy', 'cancelled'];

/** Makes Kalem's world and plans its calls. */
export function createKalemWorld(world: World): KalemWorld {
  let arrived = 0;
  const arrive = (label: string, index: number, wanted?: KalemDirection): void => {
    arrived += 1;
    const random = world.random(`kalem/call/${label}`);
    const call = createCall(world, random, { seq: arrived, label, wanted });
    for (const list of listsOf(kalem, call)) insertSorted(list, call);
    world.note('kalem', 'arrival', call.record.entry.id);
    planLife(kalem, random, call, index === -1);
  };
  const kalem: KalemWorld = {
    world,
    lists: { all: [], inbound: [], outbound: [] },
    arrive: (label, direction) => arrive(label, 0, direction),
  };
  planArrivals(world, { label: 'kalem', arrive: (index) => arrive(String(index), index) });
  return kalem;
}

function listsOf({ lists }: KalemWorld, { direction }: KalemCall): KalemCall[][] {
  return direction === null ? [lists.all] : [lists.all, lists[direction]];
}

/** What distinguishes one call from the others. */
interface CallPlace {
  readonly seq: number;
  readonly label: string;
  readonly wanted: KalemDirection | undefined;
}

function createCall(world: World, random: Random, { seq, label, wanted }: CallPlace): KalemCall {
  const id = random.uuid();
  // Calls from the browser have no direction: neither list shows them.
  const drawn = random.chance(0.03) ? null : random.chance(0.57) ? 'inbound' : 'outbound';
  const direction = wanted ?? drawn;
  const fields: JsonObject = {
    call_id: id,
    status: 'pending',
    to_number: sometimesNull(random, 0.02, phoneNumber(random)),
    from_number: sometimesNull(random, 0.02, phoneNumber(random)),
    agent: random.pick(['Customer Support Agent', 'After-hours «Ana»', 'Recall Agent 🦷', 'Intake']),
    duration_seconds: null,
    duration_minutes: null,
    cost: null,
    realtime_cost: null,
    started_at: null,
    answered_at: null,
    ended_at: null,
    recording_url: null,
    hangup_cause: null,
    ...unknownFields(random, 0.06),
  };
  if (direction === 'inbound') {
    const number = fields['from_number'] as string | null;
    fields['from_number'] = callerNumber(world, { vendor: 'kalem', label }, number);
  }
  if (random.chance(0.05)) fields['metadata'] = { caller: personName(random), room: null };
  const name = { vendor: 'kalem', stream: 'calls', id, direction } as const;
  const record = enterRecord(world.book, name, world.nowMs, () => fields);
  return { record, fields, direction, seq, sortMs: world.nowMs };
}

/** ISO 8601 as PHP writes it. */
function phpInstant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}

function planLife(kalem: KalemWorld, random: Random, call: KalemCall, latest: boolean): void {
  const { fields, sortMs: createdMs } = call;
  const startMs = createdMs + random.int(1, 20) * SECOND_MS;
  plan(kalem, call, startMs, 'start', () => {
    fields['status'] = 'ringing';
    fields['started_at'] = phpInstant(startMs);
  });
  const outcome = random.next();
  if (outcome < 0.8 || latest) planAnswered(kalem, random, call, startMs, latest);
  else planUnanswered(kalem, random, call, startMs, outcome);
}

function planUnanswered(kalem: KalemWorld, random: Random, call: KalemCall, startMs: number, outcome: number): void {
  const { fields } = call;
  const endMs = startMs + random.int(5, 45) * SECOND_MS;
  const ends = [
    ['failed', 'CALL_REJECTED'],
    ['no_answer', 'NO_ANSWER'],
    ['no-answer', 'NO_USER_RESPONSE'],
    ['busy', 'USER_BUSY'],
    ['cancelled', 'ORIGINATOR_CANCEL'],
  ] as const;
  const [status, cause] = ends[Math.floor(((outcome - 0.8) / 0.2) * ends.length)] ?? ends[0];
  plan(kalem, call, endMs, 'end', () => {
    fields['status'] = status;
    fields['ended_at'] = phpInstant(endMs);
    fields['hangup_cause'] = cause;
  });
  planRemoval(kalem, random, call, endMs);
}

function planAnswered(kalem: KalemWorld, random: Random, call: KalemCall, startMs: number, latest: boolean): void {
  const { fields } = call;
  const answerMs = startMs + random.int(0, 40) * SECOND_MS;
  const seconds = random.chance(0.03) ? random.int(3600, 4 * 3600) : random.int(4, 1500);
  const talked = latest ? seconds + 1800 : seconds;
  const endMs = answerMs + talked * SECOND_MS;
  plan(kalem, call, answerMs, 'edit', () => {
    fields['status'] = random.chance(0.5) ? 'in_progress' : 'in-progress';
    fields['answered_at'] = phpInstant(answerMs);
  });
  plan(kalem, call, endMs, 'end', () => {
    fields['status'] = 'completed';
    fields['ended_at'] = phpInstant(endMs);
    fields['duration_seconds'] = talked;
    fields['duration_minutes'] = Math.round((talked / 60) * 100) / 100;
    fields['hangup_cause'] = random.pick(['NORMAL_CLEARING', 'NORMAL_CLEARING', 'MEDIA_TIMEOUT']);
  });
  planAfterwards(kalem, random, call, endMs);
  planRemoval(kalem, random, call, endMs);
}

function planAfterwards(kalem: KalemWorld, random: Random, call: KalemCall, endMs: number): void {
  const { fields, record } = call;
  const bill = (): void => {
    fields['cost'] = price(random);
    fields['realtime_cost'] = sometimesNull(random, 0.05, price(random));
  };
  const soon = (): number => endMs + random.int(1, 90) * MINUTE_MS;
  const late = (): number => endMs + random.int(DAY_MS, 12 * DAY_MS);
  const url = `https://storage.kalem.me/recordings/${record.entry.id}.mp3?expires=1793600000&signature=${SIGNATURE}`;
  const attachRecording = (): void => {
    fields['recording_url'] = url;
  };
  if (random.chance(0.93)) plan(kalem, call, soon(), 'cost', bill);
  if (random.chance(0.08)) plan(kalem, call, late(), 'late-edit', bill);
  if (random.chance(0.75)) plan(kalem, call, soon(), 'recording', attachRecording);
  else if (random.chance(0.4)) plan(kalem, call, late(), 'late-edit', attachRecording);
}

function planRemoval(kalem: KalemWorld, random: Random, call: KalemCall, endMs: number): void {
  if (!random.chance(0.06)) return;
  kalem.world.queue.plan(endMs + random.int(HOUR_MS, 11 * DAY_MS), () => removeKalemCall(kalem, call));
}

/** Whether a call may be deleted: active ones may not. */
export function isFinished(call: KalemCall): boolean {
  return FINISHED.includes(String(call.fields['status']));
}

/** Deletes a finished call for good. */
export function removeKalemCall(kalem: KalemWorld, call: KalemCall): void {
  if (call.record.entry.removedAt !== null || !isFinished(call)) return;
  for (const list of listsOf(kalem, call)) removeSorted(list, call);
  hideRecord(call.record, kalem.world.nowMs, 'vendor');
  kalem.world.note('kalem', 'removal', call.record.entry.id);
}

function plan({ world }: KalemWorld, call: KalemCall, at: number, kind: WorldEventKind, change: () => void): void {
  world.queue.plan(at, () => {
    reviseRecord(call.record, world.nowMs, change);
    world.note('kalem', kind, call.record.entry.id);
  });
}
