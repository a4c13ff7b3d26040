import { expect, test } from 'vitest';
import { generate } from './generate.ts';
import { bugOf } from './known.ts';
import { simulate } from './simulate.ts';

/** A few of the 2,000 that `.ci/run` simulates: some seconds. */
const SEEDS = Array.from({ length: 30 }, (_, n) => n + 1);

test.each(SEEDS)('the history of seed %i breaks no promise', async (seed) => {
  const scenario = generate(seed);
  const { violations } = await simulate(scenario);
  const fresh = violations.filter((violation) => bugOf(scenario, violation, violations) === undefined);
  expect(fresh, `npm run sim -- --seed ${seed} shows the steps`).toEqual([]);
});
