import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { costsOf, statementsPerMonth, totalOf } from '../../scripts/costs/costs.ts';
import { countedCosts, MARK } from '../../scripts/costs/counted-costs.ts';

const run = (more: object = {}) => ({ statements: 0, requests: 0, reads: 0, writes: 0, ...more });
const NOTHING = { ticks: { kalem: run() }, quietLoad: run(), busyLoad: run(), night: run() };

describe('the costs in docs/aws.md', () => {
  test('are those of the statements and requests that the code makes; if not, run npm run costs', async () => {
    const [, written = ''] = (await readFile('docs/aws.md', 'utf8')).split(MARK);
    expect(written.trim()).toBe(await countedCosts());
  }, 60_000);

  test('agree with the sum that README.md tells', async () => {
    const [, usd] = /from about (\d+) USD a month/.exec(await readFile('README.md', 'utf8')) ?? [];
    expect(await readFile('docs/aws.md', 'utf8')).toContain(`| **pipeline** | **≈ ${usd}** |`);
  });
});

describe('costsOf', () => {
  const workload = { callsPerMonth: 0, accounts: 1 };

  test('counts each statement as 10 MB: 1,000 in each load are 730,000, or 7.3 TB', () => {
    const { athena } = costsOf({ ...NOTHING, busyLoad: run({ statements: 1_000 }) }, workload);
    expect(athena).toBeCloseTo(7.3 * 5, 6);
  });

  test('counts requests of each tick: 1,000 PUT in each are 2.92 million', () => {
    const nothing = costsOf(NOTHING, workload).requests;
    const { requests } = costsOf({ ...NOTHING, ticks: { kalem: run({ writes: 1_000 }) } }, workload);
    expect(requests - nothing).toBeCloseTo(2.92 * 5, 6);
  });

  test('counts the seconds of a tick in GB: 10 requests of 0.3 s, and a second to start', () => {
    const ticks = { kalem: run({ requests: 10 }) };
    const more = costsOf({ ...NOTHING, ticks }, workload).lambda - costsOf(NOTHING, workload).lambda;
    expect(more).toBeCloseTo(2_920 * 3 * 0.0000133334, 6);
  });

  test('grows with the calls by storage, scans and compaction only', () => {
    const [less, more] = [0, 500_000].map((callsPerMonth) => costsOf(NOTHING, { callsPerMonth, accounts: 1 }));
    expect(more?.storage).toBeCloseTo(54 * 0.023, 6);
    expect({ ...more, storage: 0, lambda: 0, athena: 0 }).toEqual({ ...less, storage: 0, lambda: 0, athena: 0 });
    expect(totalOf(more ?? costsOf(NOTHING, workload))).toBeGreaterThan(totalOf(less ?? costsOf(NOTHING, workload)));
  });
});

test('statementsPerMonth tells the least and the most', () => {
  const counts = {
    ...NOTHING,
    quietLoad: run({ statements: 2 }),
    busyLoad: run({ statements: 20 }),
    night: run({ statements: 10 }),
  };
  expect(statementsPerMonth(counts)).toEqual({ least: 1_764, most: 14_904 });
});
