import { DAY_MS, hourMs, START_MS, VENDOR, type Vendor, type WorldStep } from './scenario.ts';

/** A range of turns in which a record was not visible; it has no end while it lasts. */
export interface Hidden {
  readonly from: number;
  to: number;
  /** When it began, ms by the clock; undefined if the record did not exist before. */
  readonly since?: number;
}

/** An audit log entry. */
export interface Entry {
  readonly id: number;
  at: number | null;
  readonly fields: number;
  readonly user: string;
}

/** A participant of a call. */
export interface Person {
  readonly id: number;
  readonly hidden: Hidden[];
}

/** One call or one user in its present state at the vendor. */
export interface Rec {
  readonly id: string;
  /** Order of creation. */
  readonly order: number;
  /** Started at, ms. */
  at: number | null;
  /** Made at, ms. */
  readonly created: number;
  /** Version; shows in a column that is never hidden. */
  rev: number;
  optOut: boolean;
  /** Its id is in another field than usual. */
  blank: boolean;
  readonly list: string;
  readonly hidden: Hidden[];
  readonly people: Person[];
  readonly entries: Entry[];
  /** Hour of its last change, ms. */
  changed: number;
  /** It had another start, so its list showed it in another place. */
  isMoved?: true;
}

/** The vendor's records, when each of them was visible, and how the vendor behaves. */
export interface World {
  vendor: Vendor;
  readonly calls: Map<string, Rec>;
  readonly users: Map<string, Rec>;
  /** Scope, then day in days since the epoch, to a figure and when it was last revised, ms. */
  readonly figures: Map<string, Map<number, { value: number; revised: number }>>;
  /** When each list was last asked for, ms, by its path. */
  readonly asked: Map<string, number>;
  apply(step: WorldStep): void;
}

export const isVisible = ({ hidden }: Pick<Rec, 'hidden'>) => hidden.at(-1)?.to !== Number.POSITIVE_INFINITY;

/** True if the record was not visible at some time since `turn`. */
export const wasHiddenSince = ({ hidden }: Pick<Rec, 'hidden'>, turn: number) => hidden.some(({ to }) => to >= turn);

/** True if the record was removed since `turn`, though it may be back. */
export const wentSince = ({ hidden }: Pick<Rec, 'hidden'>, turn: number) => hidden.some(({ from }) => from >= turn);

/** True if the record was not visible at some time up to this instant, ms. */
export const wasHiddenBy = ({ hidden }: Pick<Rec, 'hidden'>, ms: number) =>
  hidden.some(({ since }) => since !== undefined && since <= ms);

const GONE: Hidden = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/**
 * True if the lists are long enough to show how they are sorted: of nine records, eight are older than the one before.
 * @param userIds those whose lists are read @default all
 */
export function showsOrder({ calls, users }: Pick<World, 'calls' | 'users'>, userIds?: string): boolean {
  const ids = userIds?.split(',');
  const lists = new Map<string, Set<number>>();
  const isListed = (list: string) =>
    users.size === 0 || ((ids?.includes(list) ?? true) && isVisible(users.get(list) ?? { hidden: [GONE] }));
  for (const rec of calls.values())
    if (isVisible(rec) && rec.at !== null && isListed(rec.list))
      lists.set(rec.list, (lists.get(rec.list) ?? new Set()).add(rec.at));
  return [...lists.values()].reduce((falls, instants) => falls + Math.max(0, instants.size - 1), 0) >= 8;
}

/** An empty vendor. */
export function newWorld(clock: { readonly now: () => number; readonly turn: () => number }, vendor: Partial<Vendor>) {
  const world: World = {
    vendor: { ...VENDOR, ...vendor },
    calls: new Map(),
    users: new Map(),
    figures: new Map(),
    asked: new Map(),
    apply: (step) => APPLY[step.do](world, step as never, clock),
  };
  return world;
}

type Clock = Parameters<typeof newWorld>[0];
type Apply = {
  readonly [Do in WorldStep['do']]: (world: World, step: Extract<WorldStep, { do: Do }>, clock: Clock) => void;
};

const APPLY: Apply = {
  add(world, { id, at, list = '', people = 0, optOut = false, blank = false }, clock) {
    if (world.calls.has(id)) return;
    const made = newRec(id, at === null ? null : hourMs(at), list, world.calls.size, clock);
    made.optOut = optOut;
    made.blank = blank;
    world.calls.set(id, made);
    setPeople(made, people, clock);
  },
  edit(world, { id, people }, clock) {
    const rec = touch(world.calls.get(id), clock);
    if (rec && people !== undefined) setPeople(rec, people, clock);
  },
  move(world, { id, at }, clock) {
    const rec = world.calls.get(id);
    // Nobody sees a removed one move.
    if (rec && rec.at !== null && isVisible(rec))
      Object.assign(touch(rec, clock) ?? rec, { at: hourMs(at), isMoved: true });
  },
  remove: (world, { id }, clock) => hide(world.calls.get(id), clock),
  restore: (world, { id }, clock) => show(world.calls.get(id), clock),
  optOut(world, { id }, clock) {
    const rec = world.calls.get(id);
    if (rec && !rec.optOut) Object.assign(touch(rec, clock) ?? rec, { optOut: true });
  },
  optIn(world, { id }, clock) {
    const rec = world.calls.get(id);
    if (rec?.optOut) Object.assign(touch(rec, clock) ?? rec, { optOut: false });
  },
  audit(world, { id, entry, at, fields }) {
    const rec = world.calls.get(id);
    if (!rec || rec.entries.some((known) => known.id === entry)) return;
    rec.entries.push({ id: entry, at: at === null ? null : hourMs(at), fields, user: '7' });
  },
  auditAt(world, { id, entry, at }) {
    const found = world.calls.get(id)?.entries.find((known) => known.id === entry);
    if (found) found.at = at === null ? null : hourMs(at);
  },
  user(world, { id, at }, clock) {
    if (!world.users.has(id)) world.users.set(id, newRec(id, hourMs(at), '', world.users.size, clock));
  },
  removeUser: (world, { id }, clock) => hide(world.users.get(id), clock),
  restoreUser: (world, { id }, clock) => show(world.users.get(id), clock),
  figures(world, { scope, from, to, value }, clock) {
    const days = world.figures.get(scope) ?? new Map();
    world.figures.set(scope, days);
    const first = Math.floor(START_MS / DAY_MS);
    for (let day = first + from; day <= first + to; day += 1) days.set(day, { value, revised: clock.now() });
  },
  vendor(world, { set }) {
    world.vendor = { ...world.vendor, ...set };
  },
};

function newRec(id: string, at: number | null, list: string, order: number, { now, turn }: Clock): Rec {
  const hidden: Hidden[] = [{ from: Number.NEGATIVE_INFINITY, to: turn() }];
  const created = at ?? now();
  return {
    id,
    at,
    created,
    order,
    rev: 1,
    optOut: false,
    blank: false,
    list,
    hidden,
    people: [],
    entries: [],
    changed: now(),
  };
}

function touch(rec: Rec | undefined, { now }: Clock): Rec | undefined {
  if (!rec) return undefined;
  rec.rev += 1;
  rec.changed = now();
  return rec;
}

function hide(rec: Pick<Rec, 'hidden'> | undefined, { turn, now }: Clock): void {
  if (rec && isVisible(rec)) rec.hidden.push({ from: turn(), to: Number.POSITIVE_INFINITY, since: now() });
}

function show(rec: Pick<Rec, 'hidden'> | undefined, { turn }: Clock): void {
  const last = rec?.hidden.at(-1);
  if (last && last.to === Number.POSITIVE_INFINITY) last.to = turn();
}

/** Sets the participants to the first `count`. */
function setPeople(rec: Rec, count: number, clock: Clock): void {
  for (let id = rec.people.length + 1; id <= count; id += 1)
    rec.people.push({ id, hidden: [{ from: Number.NEGATIVE_INFINITY, to: clock.turn() }] });
  for (const person of rec.people) (person.id <= count ? show : hide)(person, clock);
}
