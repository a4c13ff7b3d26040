import type { Features } from './features.ts';
import type { WorldSteps } from './generate-world.ts';
import type { SourceName } from './product.ts';
import type { Random } from './random.ts';
import type { Fault, RunStep } from './scenario.ts';

/** The number and the kind of the run. */
export interface Place {
  readonly id: number;
  readonly hour: number;
  readonly world: WorldSteps;
}

/** Parts of the addresses that a fault may be limited to. */
const PATHS: Readonly<Partial<Record<SourceName, readonly string[]>>> = {
  kismet: ['organization_users?', '/calls?', 'audit', 'metrics'],
  nook: ['/list-calls', '/calls/'],
};
const PASSING = ['429', '500', '503', 'reset', 'hang', 'slow', 'torn', 'html', 'error', '404'] as const;
const WRONG = ['empty', 'short', 'repeat', 'echo0'] as const;
/** A fault that lasts longer than all retries. */
const LASTING = 9;

/** One run, with the troubles of the seed's features. */
export function troubledRun(random: Random, source: SourceName, features: Features, place: Place): RunStep {
  const { id, hour, world } = place;
  const far = features.has('far run') && random.one(14);
  return {
    do: 'run',
    id,
    at: far ? hour + random.pick([800, 9600]) : hour,
    ...(far ? { clock: hour } : {}),
    ...some('faults', faultsOf(random, source, features)),
    ...some('during', duringOf(random, features, place)),
    ...(features.has('kills') && random.one(3) ? { kill: { n: random.int(1, 14), when: whenOf(random) } } : {}),
    ...some('store', storeOf(random, features)),
    ...(features.has('interrupts') && random.one(6) ? { interrupt: random.int(1, 12) } : {}),
    ...(features.has('limits') && random.one(3) ? { limitMs: random.pick([300, 1500, 6000, 40_000]) } : {}),
    ...(features.has('away') && random.one(4) ? { away: true } : {}),
    ...(source === 'kismet' && random.one(8) ? { streams: [random.pick(KISMET)] } : {}),
    ...(features.has('backfills') && random.one(7) ? { window: { from: hour - 60, to: hour - 20 } } : {}),
    ...(features.has('beside') && random.one(3) ? { beside: [besideOf(random, features, { id, hour, world })] } : {}),
  };
}

const KISMET = ['organization_users', 'calls', 'call_audit_logs', 'daily_call_metrics'];

function some<Name extends string, T>(name: Name, list: readonly T[]): { readonly [K in Name]?: readonly T[] } {
  return (list.length === 0 ? {} : { [name]: list }) as { readonly [K in Name]?: readonly T[] };
}

const whenOf = (random: Random) => random.pick(['before', 'after'] as const);

/** Where the vendor does not keep to the size of its pages, or where a page needs the token of the one before, only a total contradicts a wrong end. */
function hidesEnds(source: SourceName, features: Features): boolean {
  return source === 'nook' || features.has('capped');
}

function faultsOf(random: Random, source: SourceName, features: Features): Fault[] {
  const faults: Fault[] = [];
  const paths = PATHS[source];
  const path = paths && random.one(2) ? random.pick(paths) : undefined;
  const where = path === undefined ? {} : { path };
  if (features.has('faults') && random.one(2))
    for (let n = random.int(1, 3); n > 0; n -= 1)
      faults.push({
        what: random.pick(PASSING),
        n: random.int(1, 16),
        ...(random.one(5) ? { times: LASTING } : {}),
        ...where,
      });
  if (features.has('wrong pages') && random.one(3))
    faults.push({ what: random.pick(WRONG), n: random.int(1, 16), ...where });
  if (features.has('wrong ends') && !(hidesEnds(source, features) && features.has('no total')) && random.one(2))
    faults.push({ what: 'ends', n: random.int(1, 16), ...where });
  if (features.has('lies') && random.one(4)) faults.push({ what: 'short', n: random.int(1, 12) });
  return faults;
}

function duringOf(random: Random, features: Features, { world, hour }: Place) {
  if (!features.has('drift') || !random.one(2)) return [];
  return Array.from({ length: random.int(1, 4) }, () => random.int(1, 16)).flatMap((n) =>
    world.some(hour).map((step) => ({ n, step })),
  );
}

function storeOf(random: Random, features: Features): NonNullable<RunStep['store']> {
  const fails =
    features.has('store failures') && random.one(3) ? [{ n: random.int(1, 24), what: 'fail' as const }] : [];
  const lost = features.has('lost answers') && random.one(3) ? [{ n: random.int(1, 24), what: 'lost' as const }] : [];
  return [...fails, ...lost];
}

/** A second run that begins during the first one: on another host, or as a backfill. */
function besideOf(random: Random, features: Features, { id, hour }: Place) {
  const run: RunStep = {
    do: 'run',
    id: 500_000 + id,
    at: hour + random.pick([0, 0.25]),
    ...(random.one(4) ? { away: true } : { blind: true }),
    ...(features.has('kills') && random.one(3) ? { kill: { n: random.int(1, 10), when: whenOf(random) } } : {}),
  };
  return { n: random.int(1, 8), run };
}
