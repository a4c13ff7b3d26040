import type { Json, JsonObject } from './json-text.ts';
import type { AuditEntry, KismetCall, KismetUser, KismetWorld } from './kismet-types.ts';
import { enterRecord, reviseRecord } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import { createRandom } from './random.ts';
import { DAY_MS, isoMillis } from './world.ts';

/** Adds an entry to a call's audit log; PaperTrail keeps the actor as a string, or not at all. */
export function writeAudit(
  kismet: KismetWorld,
  call: KismetCall,
  event: AuditEntry['event'],
  changes: Readonly<Record<string, Json>> | null,
): void {
  const { world } = kismet;
  // A gone user's calls are out of reach, and so is whatever happens to them.
  if (call.record.entry.removedAt !== null) return;
  kismet.nextAuditId += 1;
  const id = kismet.nextAuditId;
  const fields = {
    id,
    event,
    user_id: chooseActor(kismet, call, id),
    object_changes: changes,
    created_at: isoMillis(world.nowMs),
  };
  const parents = [String(call.id)];
  const name = { vendor: 'kismet', stream: 'call_audit_logs', id: String(id), parents } as const;
  const record = enterRecord(world.book, name, world.nowMs, () => fields);
  call.audit.push({ record, event, atMs: world.nowMs, fields });
}

function chooseActor({ world }: KismetWorld, call: KismetCall, id: number): string | null {
  const random = createRandom(world.options.seed, `kismet/actor/${id}`);
  if (random.chance(0.1)) return null;
  return random.chance(0.15) ? '1' : String(call.owner.id);
}

/** Notes that somebody looked at a call. */
export function readCall(kismet: KismetWorld, call: KismetCall): void {
  const { world } = kismet;
  writeAudit(kismet, call, 'read', null);
  const isOld = world.nowMs - call.createdMs > 7 * DAY_MS;
  world.note('kismet', isOld ? 'audit-read-old' : 'audit-read', String(call.id));
}

/** Changes fields of a call and writes the change to its log. */
export function editCall(
  kismet: KismetWorld,
  call: KismetCall,
  kind: WorldEventKind,
  edits: Readonly<Record<string, Json>>,
): void {
  const { world } = kismet;
  const { fields, record } = call;
  const changed: Record<string, Json> = { ...edits, updated_at: isoMillis(world.nowMs) };
  const pairs = Object.entries(changed).map(([name, value]): [string, Json] => [name, [fields[name] ?? null, value]]);
  reviseRecord(record, world.nowMs, () => Object.assign(fields, changed));
  writeAudit(kismet, call, 'update', { ...Object.fromEntries(pairs), ...hiddenChanges(call) });
  world.note('kismet', kind, record.entry.id);
}

/** The log also shows columns that the API does not; some are nested, few are not even pairs. */
function hiddenChanges({ random }: KismetCall): JsonObject {
  const changes: JsonObject = {};
  if (random.chance(0.15)) changes['settings'] = [{ layout: 'grid' }, { layout: 'speaker', pinned: [1, null, 'é'] }];
  if (random.chance(0.1)) changes['max_participants'] = [null, random.int(2, 12)];
  if (random.chance(0.1)) changes['room_ref'] = [9_007_199_254_740_993n, null];
  if (random.chance(0.1)) changes['notes'] = ['', 'Patient asked: "can we reschedule?"\n— ok'];
  if (random.chance(0.05)) changes['volume'] = [0.5, 1];
  if (random.chance(0.02)) changes['lock_version'] = 3;
  return changes;
}

/** Looks at calls happen all the time, mostly at new ones, and at any age. */
export function planReads(kismet: KismetWorld): void {
  const { world } = kismet;
  const { days, callsPerVendor } = world.options;
  if (callsPerVendor <= 0) return;
  const random = world.random('kismet/reads');
  const intervalMs = (days * DAY_MS) / callsPerVendor;
  const planNext = (at: number): void => {
    world.queue.plan(at, () => {
      const { calls } = kismet;
      const reach = random.chance(0.5) ? Math.min(10, calls.length) : calls.length;
      const call = calls[calls.length - 1 - random.int(0, Math.max(reach - 1, 0))];
      if (call !== undefined) readCall(kismet, call);
      planNext(at + Math.ceil(2 * intervalMs * (0.2 + random.next())));
    });
  };
  planNext(world.nowMs + Math.ceil(intervalMs));
}

/** The calls of a user in the order the list has them; ids do not follow creation. */
export function listCallsOf(kismet: KismetWorld, user: KismetUser): readonly KismetCall[] {
  if (kismet.world.options.kismetOrder !== 'id') return user.calls;
  return user.calls.toSorted((a, b) => a.id - b.id);
}
