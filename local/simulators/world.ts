import { createEventQueue, type EventQueue } from './event-queue.ts';
import { createLedger, type LedgerBook } from './ledger.ts';
import type { WorldEventKind } from './ledger-types.ts';
import { createRandom, type Random } from './random.ts';
import type { GivenOptions, SimulatorOptions } from './simulator-types.ts';
import type { Vendor } from './vendor.ts';

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The options with every default filled in. */
type WorldOptions = Required<Omit<SimulatorOptions, 'port' | 'rateLimit'>>;

/** One clock, one queue and one ledger for all four vendors. */
export interface World {
  readonly options: WorldOptions;
  /** Time of the clock at the end of the history. */
  readonly startMs: number;
  nowMs: number;
  readonly queue: EventQueue;
  readonly book: LedgerBook;
  /** Numbers of the callers of planned calls, the latest last; see `callers.ts`. */
  readonly callers: string[];
  random(label: string): Random;
  note(vendor: Vendor, kind: WorldEventKind, id: string): void;
}

const DEFAULTS: WorldOptions = {
  seed: 1,
  now: '2026-11-01T09:00:00.000Z',
  days: 30,
  callsPerVendor: 200,
  users: 5,
  transcripts: 'mixed',
  canaries: [],
  kismetOrder: 'newest',
  solumOrder: 'newest',
  kalemOrder: 'newest',
  zuduGet: 'pages',
  zuduNulls: 'created',
  zuduDateFilter: true,
  kalemShape: 'meta',
  kismetMaxPerPage: 100,
  sharedCalls: 0,
  repeatCallers: 0,
};

/** Creates an empty world whose clock is at the beginning of its history. */
export function createWorld(options: GivenOptions): World {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const filled: WorldOptions = { ...DEFAULTS, ...given };
  const startMs = Date.parse(filled.now);
  if (Number.isNaN(startMs)) throw new Error('option now is not an instant; expected ISO 8601');
  const book = createLedger();
  const world: World = {
    options: filled,
    startMs,
    nowMs: startMs - filled.days * DAY_MS,
    queue: createEventQueue(),
    book,
    callers: [],
    random: (label) => createRandom(filled.seed, label),
    note: (vendor, kind, id) => {
      if (book.live) book.events.push({ at: world.nowMs, vendor, kind, id });
    },
  };
  return world;
}

/** Runs the world up to an instant. */
export function advanceWorld(world: World, untilMs: number): void {
  for (let next = world.queue.takeUntil(untilMs); next !== undefined; next = world.queue.takeUntil(untilMs)) {
    world.nowMs = Math.max(world.nowMs, next.at);
    next.happen();
  }
  world.nowMs = Math.max(world.nowMs, untilMs);
}

/** Acts as of an earlier time. What is planned meanwhile for a time that is past happens when the clock next moves on. */
export function earlier(world: World, ms: number, act: () => void): void {
  const { nowMs } = world;
  world.nowMs = nowMs - ms;
  try {
    act();
  } finally {
    world.nowMs = nowMs;
  }
}

/** How a vendor's calls arrive: `options.callsPerVendor` in the history, then for ever at the same daily rate. */
interface Arrivals {
  readonly label: string;
  /** Days of the clinic are closed now and then, so that daily figures have gaps. @default false */
  readonly closes?: boolean;
  arrive(index: number): void;
}

/** Plans a vendor's calls, one after the other; negative indexes are history. */
export function planArrivals(world: World, arrivals: Arrivals): void {
  const { days, callsPerVendor } = world.options;
  if (callsPerVendor <= 0) return;
  const intervalMs = (days * DAY_MS) / callsPerVendor;
  const random = world.random(`${arrivals.label}/arrivals`);
  const planNext = (index: number): void => {
    const at = index === -1 ? -4 * MINUTE_MS : (index + random.next()) * intervalMs;
    const open = arrivals.closes ? skipClosedDays(at) : at;
    world.queue.plan(world.startMs + Math.floor(crowdByDay(open)), () => {
      arrivals.arrive(index);
      planNext(index + 1);
    });
  };
  planNext(-callsPerVendor);
}

/** Two days of every nine are closed: three days' calls are squeezed into the first. Order is kept. */
function skipClosedDays(offsetMs: number): number {
  const spanMs = 9 * DAY_MS;
  const span = Math.floor(offsetMs / spanMs) * spanMs;
  const inside = offsetMs - span;
  if (inside < 4 * DAY_MS || inside >= 7 * DAY_MS) return offsetMs;
  return span + 4 * DAY_MS + (inside - 4 * DAY_MS) / 3;
}

/** Most calls come in the middle of the day that begins at the world's start. Order is kept. */
function crowdByDay(offsetMs: number): number {
  const day = Math.floor(offsetMs / DAY_MS);
  const part = offsetMs / DAY_MS - day;
  const crowded = part + (0.6 * Math.sin(2 * Math.PI * part)) / (2 * Math.PI);
  return (day + crowded) * DAY_MS;
}

/** ISO text in UTC without milliseconds, as most APIs write it. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** ISO text in UTC with milliseconds. */
export function isoMillis(ms: number): string {
  return new Date(ms).toISOString();
}
