import { type RunStep, type Scenario, type Step, VENDOR } from './scenario.ts';
import { simulate } from './simulate.ts';

/** What a smaller scenario must still show. */
export interface Symptom {
  readonly invariant: string;
  readonly what: string;
}

const MOST_TRIES = 400;

/**
 * Takes away all that the violation does not need: steps (ddmin), troubles of runs, the vendor's oddities, settings.
 * @returns the smallest scenario found that still shows it
 */
export async function shrink(scenario: Scenario, symptom: Symptom): Promise<Scenario> {
  let tries = 0;
  const shows = async (candidate: Scenario) => {
    tries += 1;
    if (tries > MOST_TRIES) return false;
    const { violations } = await simulate(candidate);
    return violations.some(({ invariant, what }) => invariant === symptom.invariant && what === symptom.what);
  };
  let smallest = scenario;
  const keep = async (candidate: Scenario) => {
    if (await shows(candidate)) smallest = candidate;
  };
  await keep(withSteps(smallest, await fewest(smallest.steps, (steps) => shows(withSteps(scenario, steps)))));
  for (const candidate of simplerVendors(smallest)) await keep({ ...smallest, vendor: candidate });
  for (const name of Object.keys(smallest.settings))
    await keep({ ...smallest, settings: without(smallest.settings, name) });
  await keep({ ...smallest, tuning: {} });
  for (let at = 0; at < smallest.steps.length; at += 1) {
    const step = smallest.steps[at];
    if (step?.do !== 'run') continue;
    for (const simpler of simplerRuns(step)) {
      const now = smallest.steps[at];
      if (now?.do === 'run') await keep(withSteps(smallest, smallest.steps.with(at, simpler(now))));
    }
  }
  return withSteps(smallest, await fewest(smallest.steps, (steps) => shows(withSteps(smallest, steps))));
}

const withSteps = (scenario: Scenario, steps: readonly Step[]): Scenario => ({ ...scenario, steps });

/** Delta debugging: halves, quarters, … down to single steps are left out. */
async function fewest(steps: readonly Step[], shows: (steps: readonly Step[]) => Promise<boolean>) {
  let left = steps;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const fewer = [...left.slice(0, from), ...left.slice(from + size)];
      if (await shows(fewer)) left = fewer;
      else from += size;
    }
  }
  return left;
}

function* simplerVendors({ vendor }: Scenario) {
  yield VENDOR;
  for (const name of Object.keys(VENDOR) as (keyof typeof VENDOR)[])
    if (vendor[name] !== VENDOR[name]) yield { ...vendor, [name]: VENDOR[name] };
}

function without<T extends object>(given: T, name: string): T {
  return Object.fromEntries(Object.entries(given).filter(([key]) => key !== name)) as T;
}

const OPTIONAL = [
  'faults',
  'during',
  'kill',
  'suspend',
  'store',
  'interrupt',
  'limitMs',
  'away',
  'blind',
  'streams',
  'window',
  'beside',
];

/** Ways to make a run simpler, each tried on what the ones before left. */
function simplerRuns(step: RunStep): ((now: RunStep) => RunStep)[] {
  const ways: ((now: RunStep) => RunStep)[] = OPTIONAL.map((name) => (now) => without(now, name));
  ways.push((now) => (now.suspend ? { ...now, suspend: without(now.suspend, 'beside') } : now));
  for (const list of ['faults', 'during', 'store'] as const)
    for (const item of step[list] ?? [])
      ways.push((now) => ({
        ...now,
        [list]: (now[list] as readonly unknown[] | undefined)?.filter((one) => one !== item),
      }));
  return ways;
}
