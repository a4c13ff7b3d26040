import { callerNumber } from './callers.ts';
import { callSummary, phoneNumber, sometimesNull, unknownFields } from './content.ts';
import type { JsonObject } from './json-text.ts';
import { enterRecord, hideRecord, reviseRecord, type SimRecord, showRecord } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import type { Random } from './random.ts';
import { insertSorted, removeSorted, type Sortable } from './sorted-list.ts';
import { DAY_MS, HOUR_MS, isoMillis, isoSeconds, MINUTE_MS, planArrivals, SECOND_MS, type World } from './world.ts';

/** A call as Solum holds it. */
export interface SolumCall extends Sortable {
  readonly record: SimRecord;
  readonly fields: JsonObject;
  /** Start in ms, what the `started_*` filters look at; null is outside every window. */
  readonly startedMs: number | null;
}

/** Solum's side of the world. */
export interface SolumWorld {
  readonly world: World;
  /** Calls that are listed, ascending by creation. */
  readonly calls: SolumCall[];
  arrive(label: string): void;
}

/** What a call was about. */
export const CATEGORIES = [
  'client_support',
  'miscellaneous',
  'billing',
  'new_appointment',
  'existing_appointment',
  'rescheduling',
  'cancellation',
  'authorization',
  'appointment_inquiry',
] as const;

/** Makes Solum's world and plans its calls. */
export function createSolumWorld(world: World): SolumWorld {
  const calls: SolumCall[] = [];
  let arrived = 0;
  const arrive = (label: string, index?: number): void => {
    arrived += 1;
    const random = world.random(`solum/call/${label}`);
    const call = createCall(world, random, arrived, label);
    insertSorted(calls, call);
    world.note('solum', 'arrival', call.record.entry.id);
    planLife(solum, random, call, index === -1);
  };
  const solum: SolumWorld = { world, calls, arrive };
  planArrivals(world, { label: 'solum', arrive: (index) => arrive(String(index), index) });
  return solum;
}

function createCall(world: World, random: Random, seq: number, label: string): SolumCall {
  // Whole seconds, so that what is served, sorted and filtered is the same instant.
  const createdMs = world.nowMs - (world.nowMs % SECOND_MS);
  const id = random.uuid();
  const startedMs = random.chance(0.05) ? null : createdMs - random.int(0, 4) * SECOND_MS;
  const assistant = random.pick(['asst_front_desk', 'asst_after_hours', 'asst_español', null]);
  const fields: JsonObject = {
    id,
    org_id: sometimesNull(random, 0.03, 'org_7f3a'),
    created_at: sometimesNull(random, 0.01, solumInstant(random, createdMs)),
    assistant_id: assistant,
    phone_number_id: sometimesNull(random, 0.06, `pn_${random.int(1, 4)}`),
    type: sometimesNull(random, 0.05, random.pick(['inboundPhoneCall', 'outboundPhoneCall', 'webCall'])),
    started_at: startedMs === null ? null : solumInstant(random, startedMs),
    ended_at: null,
    summary: null,
    customer_number: sometimesNull(random, 0.06, phoneNumber(random)),
    status: sometimesNull(random, 0.03, 'pending'),
    category: null,
    duration_min: null,
    patient_id: sometimesNull(random, 0.7, patientId(random)),
    language: null,
    sessions_scheduled: sometimesNull(random, 0.5, 0),
    ...unknownFields(random, 0.08),
  };
  if (fields['type'] === 'inboundPhoneCall') {
    const number = fields['customer_number'] as string | null;
    fields['customer_number'] = callerNumber(world, { vendor: 'solum', label }, number);
  }
  const name = { vendor: 'solum', stream: 'calls', id } as const;
  const record = enterRecord(world.book, name, createdMs, () => fields);
  return { record, fields, startedMs, seq, sortMs: createdMs };
}

/** Python writes microseconds, an offset, or (seldom) no zone at all. */
function solumInstant(random: Random, ms: number): string {
  const millis = isoMillis(ms).slice(0, 23);
  if (random.chance(0.1)) return `${isoMillis(ms - 5 * HOUR_MS).slice(0, 23)}-05:00`;
  if (random.chance(0.1)) return `${millis}000+00:00`;
  if (random.chance(0.04)) return millis;
  return random.chance(0.5) ? isoSeconds(ms) : `${millis}Z`;
}

function patientId(random: Random): string {
  return random.chance(0.1) ? `MRN-${random.int(1000, 9999)}/ß` : `pat_${random.hex(10)}`;
}

function planLife(solum: SolumWorld, random: Random, call: SolumCall, latest: boolean): void {
  const { world } = solum;
  const endMs = planEnd(world, random, call, latest);
  planEdits(world, random, call, endMs);
  if (!random.chance(0.06)) return;
  const removedMs = endMs + random.int(HOUR_MS, 11 * DAY_MS);
  world.queue.plan(removedMs, () => removeSolumCall(solum, call));
  if (!random.chance(0.5)) return;
  world.queue.plan(removedMs + random.int(DAY_MS, 4 * DAY_MS), () => restoreSolumCall(solum, call));
}

/** Takes a call from the list, as Solum's soft delete does. */
export function removeSolumCall({ world, calls }: SolumWorld, call: SolumCall): void {
  if (call.record.entry.removedAt !== null) return;
  removeSorted(calls, call);
  hideRecord(call.record, world.nowMs, 'vendor');
  world.note('solum', 'removal', call.record.entry.id);
}

/** Shows a removed call again. */
export function restoreSolumCall({ world, calls }: SolumWorld, call: SolumCall): void {
  if (call.record.entry.removedAt === null) return;
  insertSorted(calls, call);
  showRecord(call.record, world.nowMs);
  world.note('solum', 'reappearance', call.record.entry.id);
}

function planEnd(world: World, random: Random, call: SolumCall, latest: boolean): number {
  const { startedMs, sortMs, fields } = call;
  if (startedMs === null) return sortMs;
  const seconds = random.chance(0.04) ? random.int(3600, 5 * 3600) : random.int(20, 1500);
  const durationMs = (latest ? seconds + 1800 : seconds) * SECOND_MS + random.int(0, 999);
  const endMs = startedMs + durationMs;
  const analysis = { summary: callSummary(random), category: random.pick(CATEGORIES) };
  const analysed = sometimesNull(random, 0.1, analysis);
  plan(world, call, endMs, 'end', () => {
    fields.ended_at = sometimesNull(random, 0.02, solumInstant(random, endMs));
    fields.duration_min = sometimesNull(random, 0.03, random.chance(0.3) ? 3 : durationMs / MINUTE_MS);
    fields.language = sometimesNull(random, 0.1, random.chance(0.8) ? 'english' : 'spanish');
  });
  plan(world, call, endMs + random.int(MINUTE_MS, 10 * MINUTE_MS), 'analysis', () => {
    fields.summary = analysed?.summary ?? null;
    fields.category = analysed?.category ?? null;
  });
  return endMs;
}

/** Staff work through the queue for days after the call. */
function planEdits(world: World, random: Random, call: SolumCall, endMs: number): void {
  const { fields } = call;
  const someday = (): number => endMs + random.int(HOUR_MS, random.chance(0.3) ? 12 * DAY_MS : 2 * DAY_MS);
  const edits: readonly [number, () => void][] = [
    [0.6, () => (fields.status = random.chance(0.8) ? 'done' : 'follow_up_needed')],
    [0.1, () => (fields.status = 'done')],
    [0.08, () => (fields.category = random.pick(CATEGORIES))],
    [0.08, () => (fields.summary = `${fields.summary ?? ''} [edited: ${callSummary(random)}]`)],
    [0.15, () => (fields.patient_id = patientId(random))],
    [0.1, () => (fields.sessions_scheduled = random.int(1, 3))],
  ];
  for (const [share, edit] of edits) {
    if (!random.chance(share)) continue;
    const at = someday();
    plan(world, call, at, at > endMs + DAY_MS ? 'late-edit' : 'edit', edit);
  }
}

function plan(world: World, call: SolumCall, at: number, kind: WorldEventKind, change: () => void): void {
  world.queue.plan(at, () => {
    reviseRecord(call.record, world.nowMs, change);
    world.note('solum', kind, call.record.entry.id);
  });
}

/** Whether the text of a call matches Solum's free search, which looks at the summary and the number. */
export function matchesSearch(call: SolumCall, words: string): boolean {
  const { summary, customer_number: number } = call.fields;
  return `${summary ?? ''} ${number ?? ''}`.toLowerCase().includes(words.toLowerCase());
}
