import { FEATURES, type Feature, type Features } from './features.ts';
import { troubledRun } from './generate-run.ts';
import { worldSteps } from './generate-world.ts';
import { withLaterFeatures } from './later-features.ts';
import { withMassRemoval } from './mass-removal.ts';
import type { SourceName } from './product.ts';
import { newRandom, type Random } from './random.ts';
import { type Ending, type Scenario, type Step, VENDOR, type Vendor } from './scenario.ts';
import { withSuspensions } from './suspensions.ts';

/** Weights of the vendors: Kismet's histories are three times as long. */
export const WEIGHTS: Readonly<Partial<Record<SourceName, number>>> = { solum: 36, kalem: 30, zudu: 22, kismet: 12 };
/** One seed of so many has the vendor with details in place of another. */
const DETAILS_IN = 10;
/** One seed of so many has runs that are suspended. */
const SUSPENSIONS_IN = 8;
/** Features that each have random choices of their own, so that the rest of a seed is as it was without them. */
const OF_OWN_SEQUENCE: Features = new Set(['mass removals', 'suspensions']);

/** How many records of each kind exist before the first run. */
const CALLS_AT_FIRST: Readonly<Record<SourceName, readonly [number, number]>> = {
  solum: [36, 84],
  zudu: [28, 70],
  kalem: [24, 52],
  kismet: [8, 18],
  nook: [10, 22],
};

/** The scenario of a seed. All random choices are made here and none while it runs. */
export function generate(seed: number, only?: SourceName, forced?: Feature): Scenario {
  const random = newRandom(seed);
  const source = only ?? sourceOf(seed, random);
  const features = new Set(FEATURES.filter((feature) => !OF_OWN_SEQUENCE.has(feature) && random.one(3)));
  if (forced) features.add(forced);
  const endures = random.one(9) && !['kismet', 'nook'].includes(source);
  const count = random.int(...CALLS_AT_FIRST[source]);
  const pageSize = random.int(2, source === 'kismet' ? 4 : 3);
  const steps = endures ? calmSteps(random, source, count) : troubledSteps(random, source, features, count);
  // Its choices are of a sequence of their own, so that the other steps of a seed are as they were without it.
  const mass = newRandom(seed + MASS_SEED);
  const hasMass = !endures && (mass.one(3) || features.has('mass removals'));
  const vendor = endures ? { ...VENDOR, answerMs: 5000 } : vendorOf(random, source, features);
  const settings = endures ? {} : settingsOf(random, source, features);
  const scenario: Scenario = {
    source,
    seed,
    pageSize,
    ...(features.has('large pages') ? { largestPage: 2 * pageSize } : {}),
    vendor,
    settings,
    tuning: features.has('small groups') && !endures ? smallGroups(random) : {},
    ...(source === 'kismet' && random.one(8) ? { userIds: '101,102' } : {}),
    steps: hasMass ? withMassRemoval(mass, steps) : steps,
    end: endures
      ? endingOf(Math.ceil(count / pageSize))
      : { kind: 'heal', ...(features.has('audits') && source === 'kismet' ? { audits: true } : {}) },
  };
  if (endures) return scenario;
  const whole = withLaterFeatures(newRandom(seed + LATER_SEED), scenario, features);
  // Last, so that nothing else of a seed depends on it.
  const suspending = newRandom(seed + SUSPENSION_SEED);
  const isSuspending = suspending.one(SUSPENSIONS_IN) || features.has('suspensions');
  return isSuspending ? withSuspensions(suspending, whole) : whole;
}

function sourceOf(seed: number, random: Random): SourceName {
  // The choice is of a sequence of its own, so that other seeds are as they were without this vendor.
  const other = listedVendor(random);
  return newRandom(seed + DETAILS_SEED).one(DETAILS_IN) ? 'nook' : other;
}

function listedVendor(random: Random): SourceName {
  let left = random.next() * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  for (const [name, weight] of Object.entries(WEIGHTS)) {
    left -= weight;
    if (left < 0) return name as SourceName;
  }
  return 'solum';
}

function vendorOf(random: Random, source: SourceName, features: Features): Vendor {
  const unordered = random.pick(['oldest', 'none'] as const);
  return {
    ...VENDOR,
    order: features.has('ties') ? 'ties' : features.has('unordered') ? unordered : 'newest',
    total: !features.has('no total'),
    // If nothing distinguishes one page from another, no list can be paged through.
    end: !features.has('no end'),
    echo: !features.has('no echo'),
    most: features.has('capped') ? random.int(2, 4) : VENDOR.most,
    post: source !== 'zudu' || random.one(2),
    envelope: random.pick(['meta', 'flat', 'pagination', 'links', 'bare'] as const),
  };
}

function settingsOf(random: Random, source: SourceName, features: Features): Record<string, unknown> {
  return {
    ...(features.has('history') ? { historyStart: random.pick(['2026-10-20', '2026-10-28', '2026-10-30']) } : {}),
    ...(features.has('often swept') ? { sweepEvery: random.pick(['1h', '6h', '1d']) } : {}),
    ...(random.one(9) && source !== 'kismet' ? { tiers: [{ every: '15m', back: '2h' }] } : {}),
  };
}

function smallGroups(random: Random): Scenario['tuning'] {
  return {
    commitEveryMs: random.pick([100, 1000, 60_000]),
    commitFiles: random.int(1, 4),
    mostDigests: random.int(2, 6),
    recentRows: random.pick([0, 2, 8, 8192]),
    mostRecentRows: random.pick([4, 12, 200_000]),
    shardRows: random.pick([2, 5, 32_768]),
    checkpointEvery: random.int(2, 6),
    groupBytes: random.pick([500, 2000, 100_000]),
    groupRows: random.int(2, 8),
    rawBytes: random.pick([500, 2000, 100_000]),
    reserveMs: 10_000,
  };
}

const MASS_SEED = 1_000_003;
const DETAILS_SEED = 2_000_003;
const LATER_SEED = 3_000_017;
const SUSPENSION_SEED = 4_000_037;

const GAPS = [0.25, 0.25, 0.25, 1, 1, 2, 6, 24, 73] as const;

function troubledSteps(random: Random, source: SourceName, features: Features, count: number): Step[] {
  const world = worldSteps(random, source, features);
  const steps: Step[] = [...world.first(count)];
  const runs = random.int(12, 22);
  let hour = 0;
  for (let id = 1; id <= runs; id += 1) {
    steps.push(troubledRun(random, source, features, { id, hour, world }));
    for (let n = random.int(0, 4); n > 0; n -= 1) steps.push(...world.some(hour));
    if (features.has('new settings') && random.one(8)) steps.push(newSettings(random));
    hour += random.pick(GAPS);
  }
  return steps;
}

function newSettings(random: Random): Step {
  const set = random.pick([
    { historyStart: '2026-10-25' },
    { historyStart: null },
    { sweepEvery: '12h' },
    { onVendorRemoval: 'blank' },
  ]);
  return { do: 'settings', set };
}

/** A first read without limit, new and removed calls, then the ending. */
function calmSteps(random: Random, source: SourceName, count: number): Step[] {
  const world = worldSteps(random, source, new Set(['removals']));
  const steps: Step[] = [...world.first(count), { do: 'run', id: 1, at: 0 }];
  for (let n = 0; n < 6; n += 1) steps.push(...world.some(1));
  for (let n = random.int(6, 25); n > 0; n -= 1) steps.push(world.add(1 - random.next()));
  return steps;
}

/** Requests take 5 s, and the time limit allows so few of them in a run that a sweep needs at least three runs. */
function endingOf(pages: number): Ending {
  const perRun = Math.max(3, Math.ceil(pages / 3));
  const sweep = Math.ceil(pages / perRun) * 4;
  // A quarter of the time is the reserve.
  const limitMs = Math.ceil(((perRun + 1) * 7500) / 0.75);
  return { kind: 'endure', limitMs, everyHours: 12, runs: 60, records: Math.min(30, 8 + 2 * sweep), removals: 60 };
}
