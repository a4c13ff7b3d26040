import { personName, unknownFields } from './content.ts';
import type { JsonObject } from './json-text.ts';
import { editCall, planReads, writeAudit } from './kismet-audit.ts';
import { planCallLife } from './kismet-life.ts';
import { countCall } from './kismet-metrics.ts';
import type { KismetCall, KismetParticipant, KismetUser, KismetWorld } from './kismet-types.ts';
import { createUser, planUsers } from './kismet-users.ts';
import { enterRecord } from './ledger.ts';
import type { Random } from './random.ts';
import { insertSorted } from './sorted-list.ts';
import { isoMillis, isoSeconds, planArrivals, SECOND_MS, type World } from './world.ts';

/** Makes Kismet's world: its users, then their calls, looks and figures. */
export function createKismetWorld(world: World): KismetWorld {
  let arrived = 0;
  let shared = world.options.sharedCalls;
  const arrive = (label: string, index: number, wanted?: KismetUser): void => {
    const random = world.random(`kismet/call/${label}`);
    const owner = wanted ?? chooseOwner(kismet, random);
    if (owner === undefined) return;
    arrived += 1;
    const [first, second] = kismet.users;
    const isShared = index < 0 && shared > 0 && owner === first && second !== undefined;
    if (isShared) shared -= 1;
    const owners = isShared ? [first, second] : [owner];
    const call = createCall(kismet, random, arrived, owners);
    for (const user of owners) {
      insertSorted(user.calls, call);
      user.callsById.set(call.id, call);
    }
    kismet.calls.push(call);
    world.note('kismet', 'arrival', call.record.entry.id);
    logCreation(kismet, call);
    countCall(kismet, call);
    planCallLife(kismet, call, index === -1);
  };
  const kismet: KismetWorld = {
    world,
    users: [],
    calls: [],
    metrics: new Map(),
    nextAuditId: 40,
    arrive: (label, user) => arrive(label, 0, user),
  };
  for (let number = 0; number < world.options.users; number += 1) createUser(kismet, number);
  planUsers(kismet);
  planReads(kismet);
  planArrivals(world, { label: 'kismet', closes: true, arrive: (index) => arrive(String(index), index) });
  return kismet;
}

function chooseOwner({ users }: KismetWorld, random: Random): KismetUser | undefined {
  const present = users.filter((user) => !user.isGone);
  // The first clinicians see most of the patients.
  return present[Math.floor(random.next() ** 1.5 * present.length)];
}

function createCall(kismet: KismetWorld, random: Random, seq: number, owners: readonly KismetUser[]): KismetCall {
  const { world } = kismet;
  // Whole seconds, so that what is served and what is sorted is the same instant.
  const createdMs = world.nowMs - (world.nowMs % SECOND_MS);
  // Two numbering machines take turns: ids do not follow creation exactly.
  const id = 70_000 + (seq ^ 1);
  const [owner] = owners;
  if (owner === undefined) throw new Error('a call without an owner; expected one or two users');
  const participants: KismetParticipant[] = [provider(owner)];
  const fields: JsonObject = {
    id,
    name: random.chance(0.03) ? null : callName(random),
    livekit_session_id: null,
    state: 'waiting',
    has_egresses: false,
    is_recording: false,
    is_canvas_locked: false,
    is_ended: false,
    created_at: random.chance(0.5) ? isoSeconds(createdMs) : isoMillis(createdMs),
    updated_at: isoMillis(createdMs),
    participants: [],
    ...unknownFields(random, 0.06),
  };
  const name = {
    vendor: 'kismet',
    stream: 'calls',
    id: String(id),
    parents: owners.map((user) => String(user.id)),
  } as const;
  const render = () => ({ ...fields, participants: participants.map((participant) => ({ ...participant })) });
  const record = enterRecord(world.book, name, createdMs, render);
  const measure = { durationSeconds: null, waitSeconds: null, hasFailed: false };
  const call = { id, record, random, fields, participants, owner, createdMs, measure, audit: [] };
  return { ...call, seq, sortMs: createdMs };
}

function provider(owner: KismetUser): KismetParticipant {
  return { id: owner.id, participant_type: 'User', name: String(owner.fields['display_name'] ?? '') };
}

function callName(random: Random): string {
  const subject = random.pick(['Initial Consult', 'Follow-up', 'OT eval', 'Télésanté', '初診', 'Parent training']);
  return random.chance(0.5) ? subject : `${subject} – ${personName(random)}`;
}

function logCreation(kismet: KismetWorld, call: KismetCall): void {
  const { name, state, is_recording: isRecording, created_at: createdAt } = call.fields;
  writeAudit(kismet, call, 'create', {
    name: [null, name ?? null],
    state: [null, state ?? null],
    is_recording: [null, isRecording ?? null],
    created_at: [null, createdAt ?? null],
  });
  if (call.random.chance(0.02)) editCall(kismet, call, 'edit', { is_canvas_locked: true });
}
