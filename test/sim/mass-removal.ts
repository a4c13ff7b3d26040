import { lastHour } from './ending.ts';
import type { Random } from './random.ts';
import type { Step } from './scenario.ts';

const FIRST_ID = 800_001;

/**
 * Many calls vanish somewhere in a history; after it, two scans find that. Then somebody confirms it, has confirmed it long ago, or the
 * calls come back, or some of them.
 */
export function withMassRemoval(random: Random, steps: readonly Step[]): Step[] {
  const begin = random.int(1, Math.max(1, steps.length - 1));
  const place = Math.max(begin, steps.findIndex((step) => step.do === 'run') + 1);
  const share = random.pick([0.5, 0.8, 1]);
  const ids = steps.slice(0, place).flatMap((step) => (step.do === 'add' ? [step.id] : []));
  const gone = ids.slice(4).filter(() => random.next() < share);
  const hour = lastHour({ steps });
  const run = (n: number, after: number): Step => ({ do: 'run', id: FIRST_ID + n, at: hour + after });
  const back = random.pick([1, 0.5]);
  const then: Readonly<Record<string, readonly Step[]>> = {
    nothing: [],
    confirmed: [{ do: 'confirm', daysAgo: 0 }, run(3, 76.25)],
    expired: [{ do: 'confirm', daysAgo: 8 }, run(3, 76.25)],
    returned: [
      ...gone.filter(() => random.next() < back).map((id): Step => ({ do: 'restore', id })),
      { do: 'confirm', daysAgo: 0 },
      run(3, 76.25),
      run(4, 150),
    ],
  };
  return [
    ...steps.slice(0, place),
    ...gone.map((id): Step => ({ do: 'remove', id })),
    ...steps.slice(place),
    run(1, 74),
    run(2, 76),
    ...(then[random.pick(Object.keys(then))] ?? []),
  ];
}
