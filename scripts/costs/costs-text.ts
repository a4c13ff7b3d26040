import { type Costs, costsOf, statementsPerMonth, totalOf } from './costs.ts';
import type { StageCounts } from './count-runs.ts';

const ROWS: Readonly<Record<keyof Costs, string>> = {
  lambda: 'Lambda',
  athena: 'Athena for loading and compaction',
  storage: 'S3 storage of two years',
  requests: 'S3 requests',
  secrets: 'secrets and keys',
  cloudwatch: 'CloudWatch (alarms, metrics, dashboard, logs)',
};
const SMALL = 5_000;
const MID = 500_000;

/**
 * The table of `docs/aws.md` with its counts.
 * @param one counts of a stage with one account of each of the four vendors
 * @param two counts of a stage with two accounts of each
 */
export function costsText(one: StageCounts, two: StageCounts): string {
  const accounts = Object.keys(one.ticks).length;
  const [small, mid] = [SMALL, MID].map((callsPerMonth) => costsOf(one, { callsPerMonth, accounts })) as [Costs, Costs];
  const twice = costsOf(two, { callsPerMonth: SMALL, accounts: 2 * accounts });
  const another = (totalOf(twice) - totalOf(small)) / accounts;
  const row = (name: string, values: readonly number[]) =>
    `| ${name} | ${values.map((usd) => usd.toFixed(1)).join(' | ')} |`;
  const statements = statementsPerMonth(one);
  const ticks = Object.entries(one.ticks).map(
    ([name, { requests, writes, reads }]) => `${name} ${requests} requests, ${writes} PUT or LIST, ${reads} GET`,
  );
  return [
    '| | small | mid |',
    '| --- | --- | --- |',
    ...(Object.keys(ROWS) as (keyof Costs)[]).map((key) => row(ROWS[key], [small[key], mid[key]])),
    `| **pipeline** | **≈ ${Math.round(totalOf(small))}** | **≈ ${Math.round(totalOf(mid))}** |`,
    '',
    `Another account of a source costs about ${another.toFixed(1)} USD. Counted by running the code: a load has ${one.quietLoad.statements} statements if nothing changed, and ${one.busyLoad.statements} if every table did; a night has ${one.night.statements}; a month ${thousands(statements.least)} to ${thousands(statements.most)}. A tick without news: ${ticks.join('; ')}.`,
  ].join('\n');
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}
