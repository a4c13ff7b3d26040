import { OPT_OUTS } from './expect.ts';
import type { Random } from './random.ts';
import { clockHour, type RunStep, type Scenario, type Step, type Suspension, type WorldStep } from './scenario.ts';

/** One run of so many is suspended. */
const SUSPENDED_IN = 4;
const PLACES = ['leases/', 'raw/', 'staging/', 'digests/', 'commits/'] as const;

/**
 * Suspends some runs, each until one of the next runs or the end. Other runs do nothing while the suspended one holds the lease, so most
 * are on another host, where others take over after 15 minutes, or the runs meanwhile do not see it. A call that such a run may have
 * read changes while it is suspended.
 */
export function withSuspensions(random: Random, scenario: Scenario): Scenario {
  const runs = scenario.steps.filter((step) => step.do === 'run');
  const ids = scenario.steps.flatMap((step) => (step.do === 'add' ? [step.id] : []));
  const end = Math.max(...runs.map(clockHour)) + 1;
  const around = new Map<number, Around>();
  for (let n = 0; n < runs.length; n += 1) {
    if (!random.one(SUSPENDED_IN)) continue;
    const next = n + random.int(1, 3);
    const woken = runs[next];
    const beside = random.one(2) && woken ? { beside: random.int(1, 8) } : {};
    const seen = random.pick(['away', 'away', 'blind', 'here'] as const);
    const run = runs[n] as RunStep;
    const { place, ...changes } = aroundOf(random, scenario, { run, ids });
    const suspend = { ...(place ?? placeOf(random)), until: woken ? clockHour(woken) : end, ...beside };
    runs[n] = { ...run, suspend, ...(seen === 'away' ? { away: true } : {}) };
    for (const [other, later] of runs.entries())
      if (seen === 'blind' && other > n && other <= next) runs[other] = { ...later, blind: true };
    around.set(run.id, changes);
  }
  const byId = new Map(runs.map((run) => [run.id, run]));
  const steps = scenario.steps.flatMap((step): readonly Step[] => {
    if (step.do !== 'run') return [step];
    const { before, after } = around.get(step.id) ?? NOTHING;
    return [...before, byId.get(step.id) ?? step, ...after];
  });
  return { ...scenario, steps };
}

function placeOf(random: Random): Omit<Suspension, 'until'> {
  const when = random.pick(['before', 'after'] as const);
  const kind = random.pick(['effect', 'named', 'request'] as const);
  if (kind === 'request') return { request: random.int(1, 14), when };
  if (kind === 'effect') return { n: random.int(1, 20), when };
  return { path: random.pick(PLACES), n: random.int(1, 5), when };
}

/** What happens at the vendor before a run begins, and while it is suspended. */
interface Around {
  /** Where it is suspended. @default anywhere */
  readonly place?: Omit<Suspension, 'until'>;
  readonly before: readonly WorldStep[];
  readonly after: readonly WorldStep[];
}

const NOTHING: Around = { before: [], after: [] };

/** The first calls are never removed or opted out, as in the rest of the scenario. */
function aroundOf(
  random: Random,
  scenario: Scenario,
  run: { readonly run: RunStep; readonly ids: readonly string[] },
): Around {
  const { source } = scenario;
  const ids = run.ids.slice(4);
  const [one, other] = [random.pick(ids), random.pick(ids)];
  const what = random.pick(['nothing', 'edit', 'remove', 'optOut', 'optOut'] as const);
  if (what === 'nothing' || (what === 'optOut' && OPT_OUTS[source] === undefined)) return NOTHING;
  // It removes one call from copies, and another run removes another one.
  if (what === 'optOut' && random.one(2)) {
    const place = { path: random.pick(['raw/', 'staging/'] as const), n: random.int(1, 4), when: 'before' } as const;
    return { place, before: [{ do: 'optOut', id: one }], after: [{ do: 'optOut', id: other }] };
  }
  const list = { kalem: 'inbound', kismet: '101' }[source as string];
  const { id: step } = run.run;
  const id = source === 'kismet' ? String(5000 + step) : `slept-${step}`;
  const made: WorldStep = { do: 'add', id, at: clockHour(run.run) - 0.1, ...(list === undefined ? {} : { list }) };
  return { before: [made], after: [{ do: what, id }] };
}
