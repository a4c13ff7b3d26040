import { checkDetails } from './expect-details.ts';
import type { Row, Tables } from './fold.ts';
import { DAY_MS, HOUR_MS, type Scenario } from './scenario.ts';
import { secretOf } from './vendors/listing.ts';
import { isVisible, type Rec, type World } from './world.ts';

/** How a record appears in its table. */
interface Shape {
  readonly table: string;
  /** Shows the version in a column that no rule hides. */
  readonly revOf: (value: (column: string) => unknown, rec: Rec) => number;
  /** The expected content of the row. */
  readonly says: (rec: Rec) => Readonly<Record<string, unknown>>;
}

const revIn = (column: string) => (value: (column: string) => unknown) => Number(value(column));
const minutes = (value: (column: string) => unknown, rec: Rec) => (Number(value('updated_at')) - rec.created) / 60_000;

export const CALLS: Readonly<Record<Scenario['source'], Shape>> = {
  solum: {
    table: 'solum_calls',
    revOf: revIn('sessions_scheduled'),
    says: (rec) => ({ started_at: rec.at, summary: `summary ${secretOf(rec)}` }),
  },
  zudu: {
    table: 'zudu_calls',
    revOf: revIn('call_duration_ms'),
    says: (rec) => ({ started_at: rec.at, transcript: rec.optOut ? null : `transcript ${secretOf(rec)}` }),
  },
  kalem: {
    table: 'kalem_calls',
    revOf: revIn('duration_seconds'),
    says: (rec) => ({ started_at: rec.at, direction: rec.list }),
  },
  nook: {
    table: 'nook_calls',
    revOf: revIn('revision'),
    says: (rec) => ({ started_at: rec.at, note: rec.optOut ? null : `note ${secretOf(rec)}` }),
  },
  kismet: {
    table: 'kismet_calls',
    revOf: minutes,
    says: (rec) => ({ organization_user_id: BigInt(rec.list), created_at: rec.created }),
  },
};

/** Columns that tell whether the caller of a call wants nothing stored. */
export const OPT_OUTS: Readonly<Partial<Record<Scenario['source'], string>>> = {
  nook: 'opt_out',
  zudu: 'opt_out_sensitive_data_storage',
};

export const USERS: Shape = {
  table: 'kismet_organization_users',
  revOf: minutes,
  says: (rec) => ({ display_name: `Dr ${rec.id}` }),
};

/** Says what is wrong. */
export type Say = (invariant: string, what: string, detail: string) => void;

/** Checks what must be true once troubles have stopped and everything was read. */
export interface Healed {
  readonly scenario: Scenario;
  readonly world: World;
  readonly tables: Tables;
  /** Keys of which the last full scans could prove nothing, as the state says. */
  readonly tied: number;
  /** First instant of history that is read, ms. */
  readonly since: number | undefined;
  readonly now: number;
  readonly say: Say;
}

/** I1 and I4 of all calls and users, and of their child rows. */
export function checkHealed(healed: Healed): void {
  const { scenario, world, since } = healed;
  const shape = CALLS[scenario.source];
  const ids = scenario.userIds?.split(',');
  for (const rec of world.calls.values()) {
    const owner = scenario.source === 'kismet' ? world.users.get(rec.list) : undefined;
    const isListed = owner !== undefined && isVisible(owner) && (!ids || ids.includes(rec.list));
    const reachable = scenario.source !== 'kismet' || isListed;
    const asked = since === undefined || rec.at === null || rec.at >= since;
    if (reachable && asked) checkRec(healed, shape, rec);
    if (scenario.source === 'nook' && asked && !isUnproven(healed, rec)) checkDetails(healed, rec);
    if (reachable && isVisible(rec) && scenario.source === 'kismet') checkEntries(healed, rec);
  }
  checkAges(healed);
  if (scenario.source !== 'kismet') return;
  if (!ids) for (const user of world.users.values()) checkRec(healed, USERS, user);
  checkFigures(healed);
}

function checkRec(healed: Healed, shape: Shape, rec: Rec): void {
  const { tables, say } = healed;
  const table = nameOf(shape, rec);
  const row = tables.get(shape.table)?.get(rec.id);
  if (!isVisible(rec)) {
    if (row && row.deletedAt === null && !isUnproven(healed, rec))
      say('I4', 'not-marked', `${table} ${rec.id} is gone and not marked`);
    return;
  }
  if (!row) say('I1', 'missing', `${table} ${rec.id} is listed and not in the table`);
  else if (row.deletedAt !== null) say('I3', 'live-marked', `${table} ${rec.id} is listed and marked removed`);
  else checkContent(healed, row, shape, rec);
}

/** A removed call that nothing proves to be gone, and the state counts such keys. */
function isUnproven({ scenario, world, tied }: Healed, rec: Rec): boolean {
  // Of one that moved before it went, only its earlier place may be known.
  return (
    !isVisible(rec) && tied > 0 && (rec.isMoved || isTied(scenario, world, rec) || mayChangeOrder(scenario, world))
  );
}

/** Calls without a start make a list look sorted by another field. Where a removed call would be by that one, nobody knows. */
function mayChangeOrder(scenario: Scenario, { calls }: World): boolean {
  return !hasTotal(scenario) && [...calls.values()].some(({ at }) => at === null);
}

/** True for a call that shares its instant with another one of a list that a vendor gives no total of. */
export function isTied(scenario: Scenario, world: World, rec: Rec): boolean {
  if (hasTotal(scenario)) return false;
  return [...world.calls.values()].some(({ id, at }) => id !== rec.id && at === rec.at);
}

/** True if the answers of the vendor give the list's total. */
export function hasTotal({ source, vendor: { total, envelope } }: Pick<Scenario, 'source' | 'vendor'>): boolean {
  return total && (source !== 'kalem' || !['bare', 'links'].includes(envelope));
}

const nameOf = ({ table }: Shape, { at }: Rec) => (at === null ? `never connected: ${table}` : table);

function checkContent({ tables, say }: Healed, row: Row, shape: Shape, rec: Rec): void {
  const { revOf, says } = shape;
  const table = nameOf(shape, rec);
  const rev = revOf(row.value, rec);
  if (rev !== rec.rev) {
    say('I1', 'stale', `${table} ${rec.id} is at version ${rev} of ${rec.rev}`);
    return;
  }
  for (const [column, value] of Object.entries(says(rec)))
    if (row.value(column) !== value) say('I1', `wrong-${column}`, `${table} ${rec.id}.${column} is not as served`);
  for (const person of rec.people) {
    const child = tables
      .get('kismet_call_participants')
      ?.get(`${rec.id}|${person.id === 1 ? 'User' : 'Recipient'}|${person.id}`);
    const shown = child !== undefined && child.deletedAt === null;
    if (shown === isVisible(person)) continue;
    say(
      shown ? 'I4' : 'I1',
      'participant',
      `participant ${person.id} of call ${rec.id} is ${shown ? 'not marked' : 'missing'}`,
    );
  }
}

function checkEntries({ tables, scenario, say }: Healed, rec: Rec): void {
  if (scenario.end.kind !== 'heal' || !scenario.end.audits) return;
  for (const { id, at, fields } of rec.entries) {
    if (at === null) continue;
    if (!tables.get('kismet_call_audit_logs')?.has(String(id)))
      say('I1', 'entry-missing', `audit entry ${id} is missing`);
    for (const field of ['state', 'name', 'is_ended'].slice(0, fields))
      if (!tables.get('kismet_call_audit_changes')?.has(`${id}|${field}`))
        say('I1', 'entry-missing', `change ${field} of audit entry ${id} is missing`);
  }
}

/** No list waits for long: of calls a few hours, of audit entries a month. */
function checkAges({ world, scenario, now, say }: Healed): void {
  const ids = scenario.userIds?.split(',');
  const audits = scenario.end.kind === 'heal' && scenario.end.audits;
  const check = (list: string, hours: number) => {
    const asked = world.asked.get(list);
    if (asked === undefined || now - asked > hours * HOUR_MS)
      say('age', 'unread', `list ${list} was not read for ${hours} h`);
  };
  if (scenario.source === 'kalem') for (const way of ['inbound', 'outbound']) check(`/api/v1/calls ${way}`, 4);
  for (const user of scenario.source === 'kismet' ? world.users.values() : []) {
    if (!isVisible(user) || (ids && !ids.includes(user.id))) continue;
    check(`/api/external/organization_users/${user.id}/calls`, 4);
    for (const call of audits ? world.calls.values() : [])
      if (call.list === user.id && isVisible(call))
        check(`/api/external/organization_users/${user.id}/calls/${call.id}/audit_logs`, 31 * 24);
  }
}

/** Figures of the last 45 days are read again; older ones count as they were when history was read. */
function checkFigures({ world, scenario, tables, since, now, say }: Healed): void {
  const ids = scenario.userIds?.split(',');
  // Those that were removed before anybody saw them do not say how long figures go back.
  const isKnown = ({ id }: Rec) => [USERS, CALLS.kismet].some(({ table }) => tables.get(table)?.has(id));
  const known = [...world.users.values(), ...world.calls.values()].filter(isKnown);
  const least = Math.min(now, ...known.map(({ created }) => created));
  for (const [scope, days] of world.figures) {
    const user = world.users.get(scope);
    if (scope !== 'organization' && (!user || !isVisible(user) || (ids && !ids.includes(scope)))) continue;
    for (const [day, { value, revised }] of days) {
      if (day * DAY_MS < (since ?? least) || day * DAY_MS + DAY_MS > now) continue;
      const row = tables.get('kismet_daily_call_metrics')?.get(`${user ? 'user' : scope}|${scope}|${day}`);
      if (!row) say('I1', 'figure-missing', `figures of ${scope}, day ${day}, are missing`);
      const fresh = day * DAY_MS > revised - 40 * DAY_MS && now - revised < 4 * DAY_MS;
      if (row && fresh && Number(row.value('total_calls')) !== value)
        say('I1', 'figure-stale', `figures of ${scope}, day ${day}, are old`);
    }
  }
}

/** The instant at which history begins by the settings. */
export function historyOf(settings: Readonly<Record<string, unknown>>): number | undefined {
  const given = settings['historyStart'];
  return typeof given === 'string' ? Date.parse(given) : undefined;
}
