import { credentialsSecretName, hashSecretName } from '../../functions/aws/names.ts';
import type { ExtractResult } from '../../functions/results.ts';
import { findSource } from '../../functions/source/registry.ts';
import { STAGE } from './cloud.ts';
import { expect, expectNone } from './report.ts';
import { expectSameTables, extractorOf, failuresOf, LOAD, type RunState } from './run-state.ts';
import { SOURCES } from './world.ts';

/** Credentials: refused while they are the placeholder, then put in; the local home gets the same key of the hashes. */
export async function putCredentials(state: RunState): Promise<void> {
  const { report, cloud, worlds, timeline } = state;
  await report.check(
    'an extractor refuses the placeholder by name, and throws nothing that would be a dead letter',
    async () => {
      const event = { at: timeline.ticks.first.toISOString() };
      const { exitCode, error = '' } = await cloud.invoke<ExtractResult>(extractorOf('kalem'), event);
      const says = /KALEM_API_TOKEN in callhouse\/dev\/kalem\/default is still the placeholder/;
      expect(exitCode === 2 && says.test(error), `${exitCode}: ${error}`);
    },
  );
  await report.check(
    'credentials are put into the secrets',
    async () => {
      for (const name of SOURCES) {
        const { credentials } = await findSource(name);
        const given = Object.fromEntries(credentials.map((key) => [key, worlds.vendors.env[key] ?? '']));
        await cloud.putSecret(credentialsSecretName(STAGE, name, 'default'), given);
      }
      const { CALLHOUSE_HASH_KEY: key = '' } = await cloud.readSecret(hashSecretName(STAGE));
      expect(key.length === 64, `the key of the hashes has ${key.length} characters; expected 64`);
      worlds.openHome(key);
    },
    { needed: true },
  );
}

/** First tick: the Scheduler fires the extractors, which are due; a load brings what they staged into the tables. */
export async function firstTick(state: RunState): Promise<void> {
  const { report, standin, worlds, timeline, cloud } = state;
  const at = timeline.ticks.first;
  worlds.moveTo(at);
  await report.check(
    'tick 1: 15 minutes on, the Scheduler fires the four extractors with the time they were due',
    async () => {
      await standin.settle();
      const fired = await standin.setClock(at);
      const names = fired.map(({ schedule }) => schedule).sort();
      expect(String(names) === String(SOURCES.map(extractorOf).sort()), `it fired ${names.join(', ') || 'nothing'}`);
      const due = `${at.toISOString().slice(0, 19)}Z`;
      expectNone(
        fired.filter(({ input }) => JSON.parse(input).at !== due).map(({ schedule, input }) => `${schedule}: ${input}`),
      );
      const ended = await standin.settle();
      expect(ended.length === SOURCES.length, `${ended.length} Lambdas ran`);
      expectNone(failuresOf(ended));
      const { node } = await standin.describe();
      expect(node.startsWith('v24.'), `Lambdas run on Node ${node}`);
      return `Node ${node}, ${ended.map((one) => `${one.function.split('-').at(-2)} ${one.ms} ms`).join(', ')}`;
    },
    { needed: true },
  );
  await report.check(
    'tick 1: a load merges through Athena into the Iceberg tables that CDK made',
    async () => {
      await standin.statements();
      const { commits } = await cloud.invoke<{ commits: number }>(LOAD);
      expect(commits >= 7, `${commits} commits were loaded; expected one of each of the 7 streams`);
      return `${commits} commits, ${JSON.stringify(await standin.statements())}`;
    },
    { needed: true },
  );
  await worlds.runHome(at);
  await report.check('tick 1: every table equals the local home, row for row', () => expectSameTables(state));
}

/** Second tick: extractors and loader are due together, as on AWS; two loads at once take what is left. */
export async function secondTick(state: RunState): Promise<void> {
  const { report, standin, worlds, timeline, cloud } = state;
  const at = timeline.ticks.second;
  worlds.moveTo(at);
  await report.check('tick 2: six hours on, the Scheduler fires extractors and loader at once', async () => {
    await standin.settle();
    const fired = (await standin.setClock(at)).map(({ schedule }) => schedule).sort();
    expect(String(fired) === String([...SOURCES.map(extractorOf), LOAD].sort()), `it fired ${fired.join(', ')}`);
    expectNone(failuresOf(await standin.settle()));
  });
  await report.check('tick 2: of two loads at once by Lambda, one loads and one leaves it to the other', async () => {
    const [one, other] = await Promise.all([cloud.invoke(LOAD), cloud.invoke(LOAD)]);
    const told = [one, other].map((result) => (result as { error?: string }).error ?? 'loaded').sort();
    expect(told[0] === 'loaded' && told[1]?.endsWith('another run is in progress') === true, told.join(' | '));
  });
  await worlds.runHome(at);
  await report.check('tick 2: every table equals the local home, row for row', () => expectSameTables(state));
}
