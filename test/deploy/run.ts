// `npm run test:deploy [-- --superset]`: the app, deployed by the stock CDK CLI to a stand-in for AWS, must hold what the local home
// holds. Needs Python, and Maven at its first run; see README.md here. One line a check, `N passed, N failed` last.
import { deployColumn } from './add-column.ts';
import { sufferFaults } from './aws-faults.ts';
import { openCloud } from './cloud.ts';
import { compareAnswers } from './compare-answers.ts';
import { deployApp } from './deploy-app.ts';
import { type Engines, findEngines, startTrino, stopEngines } from './engines.ts';
import { explainMerge } from './explain-merge.ts';
import { furtherTicks } from './further-ticks.ts';
import { fourthTick, replayLoads, thirdTick } from './loads.ts';
import { deployStages } from './more-stages.ts';
import { endPrograms } from './programs.ts';
import { loadRemovedAccount } from './removed-account.ts';
import { AbandonedError, MissingToolError, makeReport, type Report } from './report.ts';
import type { RunState } from './run-state.ts';
import { type Standin, startStandin } from './standin.ts';
import { runBackfill, runDefinitions } from './statements.ts';
import { firstTick, putCredentials, secondTick } from './ticks.ts';
import { planTimeline } from './timeline.ts';
import { pruneVersions } from './versions.ts';
import { drawChart, readViews } from './views.ts';
import { startWorlds, type Worlds } from './world.ts';

/** After this long something hangs. */
const LONGEST_MS = 30 * 60_000;
const WORLD = { seed: 11, days: 20, callsPerVendor: 40, users: 3 };

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const ends: (() => Promise<void> | void)[] = [];

async function main(): Promise<number> {
  const report = makeReport();
  try {
    const engines = await findEngines();
    ends.push(() => stopEngines(engines));
    await runAll(report, engines);
  } catch (error) {
    if (error instanceof MissingToolError) {
      console.log(`SKIPPED ${error.what} ${error.message.replaceAll('\n', ' ')}`);
      return 0;
    }
    if (!(error instanceof AbandonedError)) {
      await report.check('the run goes to its end', async () => {
        throw error;
      });
    }
  }
  return report.close();
}

async function runAll(report: Report, engines: Engines): Promise<void> {
  const timeline = planTimeline(Date.now());
  const worlds: Worlds = await startWorlds(engines.run, { ...WORLD, now: timeline.start.toISOString() });
  ends.push(() => worlds.close());
  let standin: Standin | undefined;
  await report.check(
    'the stand-in for AWS and Trino start',
    async () => {
      [standin] = await Promise.all([startStandin(engines, timeline.start), startTrino(engines)]);
    },
    { needed: true },
  );
  if (standin === undefined) return;
  ends.push(standin.stop);
  const outputs = await deployApp(report, engines, standin, worlds);
  const state: RunState = { report, engines, standin, worlds, timeline, cloud: openCloud(engines, outputs) };
  await putCredentials(state);
  await firstTick(state);
  await secondTick(state);
  await thirdTick(state);
  await fourthTick(state);
  await furtherTicks(state);
  await readViews(state);
  if (process.argv.includes('--superset')) await drawChart(state);
  await replayLoads(state);
  await pruneVersions(state);
  await sufferFaults(state);
  await Promise.all([askTrinoAlone(state), changeStages(state)]);
}

/** What needs Trino, and nothing that is on AWS: it has tables of its own. */
async function askTrinoAlone(state: RunState): Promise<void> {
  await explainMerge(state);
  await compareAnswers(state);
}

/** What changes stages. Much of the time CloudFormation is waited for. */
async function changeStages(state: RunState): Promise<void> {
  await runBackfill(state);
  await runDefinitions(state);
  await deployStages(state);
  await deployColumn(state);
  await loadRemovedAccount(state);
}

async function endAll(): Promise<void> {
  endPrograms();
  for (const end of ends.splice(0).reverse()) await end();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
}
const hang = setTimeout(() => {
  console.log(`FAILED  the run ends within ${LONGEST_MS / 60_000} minutes`);
  void endAll().finally(() => process.exit(1));
}, LONGEST_MS);

const code = await main();
clearTimeout(hang);
await endAll();
process.exit(code);
