import { personName } from './content.ts';
import type { JsonObject } from './json-text.ts';
import type { KismetUser, KismetWorld } from './kismet-types.ts';
import { enterRecord, hideRecord, reviseRecord } from './ledger.ts';
import { DAY_MS, HOUR_MS, isoMillis } from './world.ts';

const FIRST_USER_ID = 101;

/** Adds a clinician who begins now. */
export function createUser(kismet: KismetWorld, number: number): void {
  const { world } = kismet;
  const random = world.random(`kismet/user/${number}`);
  const id = FIRST_USER_ID + number;
  const createdMs = world.nowMs - (number + 1) * HOUR_MS;
  const fields: JsonObject = {
    id,
    email: `clinician${id}@brightsteps.example`,
    is_admin: number === 0,
    display_name: random.chance(0.1) ? null : `Dr. ${personName(random)}`,
    waiting_room_url: `https://app.kismethealth.com/rooms/${random.hex(8)}`,
    created_at: isoMillis(createdMs),
    updated_at: isoMillis(createdMs),
  };
  // The invites page already speaks of roles in place of is_admin; some users have both.
  if (number % 2 === 0) fields['roles'] = number === 0 ? ['organization_admin', 'provider'] : ['provider_assistant'];
  const name = { vendor: 'kismet', stream: 'organization_users', id: String(id) } as const;
  const record = enterRecord(world.book, name, world.nowMs, () => fields);
  kismet.users.push({ id, record, fields, calls: [], callsById: new Map(), isGone: false });
}

/** In the days to come one clinician marries, the last one leaves, and a new one begins. */
export function planUsers(kismet: KismetWorld): void {
  const { world, users } = kismet;
  const { startMs, queue } = world;
  const count = users.length;
  queue.plan(startMs + 2 * DAY_MS, () => renameUser(kismet, users[Math.min(1, count - 1)]));
  if (count < 2) return;
  queue.plan(startMs + 6 * DAY_MS, () => removeUser(kismet, users[count - 1]));
  queue.plan(startMs + 9 * DAY_MS, () => {
    createUser(kismet, count);
    world.note('kismet', 'user-added', String(FIRST_USER_ID + count));
  });
}

function renameUser({ world }: KismetWorld, user: KismetUser | undefined): void {
  if (user === undefined) return;
  reviseRecord(user.record, world.nowMs, () => {
    user.fields['display_name'] = `${user.fields['display_name'] ?? 'Dr.'}-Reyes`;
    user.fields['roles'] = ['provider'];
    user.fields['updated_at'] = isoMillis(world.nowMs);
  });
  world.note('kismet', 'user-changed', String(user.id));
}

/** A removed user's calls, their logs and their figures answer 404 from then on. */
function removeUser(kismet: KismetWorld, user: KismetUser | undefined): void {
  if (user === undefined) return;
  const { world, metrics } = kismet;
  user.isGone = true;
  hideRecord(user.record, world.nowMs, 'vendor');
  for (const call of user.calls) {
    hideRecord(call.record, world.nowMs, 'user');
    for (const { record } of call.audit) hideRecord(record, world.nowMs, 'user');
  }
  for (const { record } of metrics.get(String(user.id))?.values() ?? []) hideRecord(record, world.nowMs, 'user');
  world.note('kismet', 'user-removed', String(user.id));
}
