import { hugeInteger, personName } from './content.ts';
import { editCall } from './kismet-audit.ts';
import { restateCall } from './kismet-metrics.ts';
import type { KismetCall, KismetParticipant, KismetWorld } from './kismet-types.ts';
import { reviseRecord } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import { DAY_MS, HOUR_MS, isoMillis, MINUTE_MS, SECOND_MS } from './world.ts';

/** Plans what happens in and after a call. */
export function planCallLife(kismet: KismetWorld, call: KismetCall, latest: boolean): void {
  const { random, createdMs } = call;
  const { queue } = kismet.world;
  const waitSeconds = random.int(0, 300) / 10;
  const startMs = createdMs + Math.ceil(waitSeconds) * SECOND_MS;
  const longMs = random.chance(0.04) ? 4 * HOUR_MS : 0;
  const endMs = startMs + longMs + random.int(2, 50) * MINUTE_MS + (latest ? 40 * MINUTE_MS : 0);
  queue.plan(startMs, () => {
    const session = `lk-${random.hex(12)}`;
    editCall(kismet, call, 'start', { state: 'active', livekit_session_id: session, is_recording: random.chance(0.4) });
  });
  planParticipants(kismet, call, startMs, endMs);
  queue.plan(endMs, () => endCall(kismet, call, waitSeconds, startMs));
  planAfterwards(kismet, call, endMs);
}

function endCall(kismet: KismetWorld, call: KismetCall, waitSeconds: number, startMs: number): void {
  const { random, measure } = call;
  const wasRecorded = call.fields['is_recording'] === true;
  editCall(kismet, call, 'end', { state: 'ended', is_ended: true, is_recording: false, has_egresses: wasRecorded });
  restateCall(kismet, call, () => {
    measure.durationSeconds = (kismet.world.nowMs - startMs) / SECOND_MS + random.int(0, 999_999) / 1_000_000;
    measure.waitSeconds = random.chance(0.3) ? null : waitSeconds;
    measure.hasFailed = random.chance(0.06);
  });
}

function planAfterwards(kismet: KismetWorld, call: KismetCall, endMs: number): void {
  const { random, measure } = call;
  const { queue, note } = kismet.world;
  const late = (): number => endMs + random.int(DAY_MS, 12 * DAY_MS);
  if (random.chance(0.1)) {
    queue.plan(late(), () => editCall(kismet, call, 'late-edit', { name: `Re: ${personName(random)}` }));
  }
  if (random.chance(0.05)) queue.plan(late(), () => editCall(kismet, call, 'late-edit', { has_egresses: true }));
  if (!random.chance(0.12)) return;
  queue.plan(endMs + random.int(DAY_MS, 6 * DAY_MS), () => {
    restateCall(kismet, call, () => {
      measure.hasFailed = !measure.hasFailed;
      measure.durationSeconds = (measure.durationSeconds ?? 0) + 30.000197;
    });
    note('kismet', 'restatement', call.record.entry.id);
  });
}

/** People come, go and are renamed while a call is open; only sometimes does the call's own time change. */
function planParticipants(kismet: KismetWorld, call: KismetCall, startMs: number, endMs: number): void {
  const { random, participants } = call;
  const within = (share: number): number => startMs + Math.floor((endMs - startMs) * share);
  const patient = newParticipant(call, 'Recipient', 1);
  const change = (at: number, kind: WorldEventKind, act: () => void): void => changeLater(kismet, call, at, kind, act);
  if (random.chance(0.92)) change(within(0.05), 'participant-added', () => participants.push(patient));
  if (random.chance(0.15)) {
    const name = random.chance(0.1) ? null : personName(random);
    change(within(0.3), 'participant-renamed', () => {
      patient.name = name;
    });
  }
  if (!random.chance(0.25)) return;
  const guest = newParticipant(call, random.pick(['Recipient', 'User', 'Interpreter']), 61);
  change(within(0.4), 'participant-added', () => participants.push(guest));
  if (!random.chance(0.6)) return;
  change(within(0.7), 'participant-removed', () => participants.splice(participants.indexOf(guest), 1));
  if (random.chance(0.2)) change(within(0.9), 'participant-added', () => participants.push(guest));
}

function changeLater(kismet: KismetWorld, call: KismetCall, at: number, kind: WorldEventKind, act: () => void): void {
  const { world } = kismet;
  world.queue.plan(at, () => {
    const touches = call.random.chance(0.5);
    reviseRecord(call.record, world.nowMs, () => {
      act();
      if (touches) call.fields['updated_at'] = isoMillis(world.nowMs);
    });
    world.note('kismet', kind, call.record.entry.id);
  });
}

/** People come again, so an id from `known` on is found in many calls; some ids no double can hold. */
function newParticipant({ random, id }: KismetCall, type: string, known: number): KismetParticipant {
  const fresh = random.chance(0.02) ? hugeInteger(random) : 100 * id + known;
  const name = random.chance(0.03) ? null : personName(random);
  return { id: random.chance(0.3) ? random.int(known, known + 30) : fresh, participant_type: type, name };
}
