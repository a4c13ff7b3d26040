import { setTimeout as wait } from 'node:timers/promises';
import { deadLetterQueueName } from '../../functions/aws/names.ts';
import type { LoadResult } from '../../functions/results.ts';
import { DAY_MS } from '../../functions/time.ts';
import { STAGE } from './cloud.ts';
import { expect, expectNone } from './report.ts';
import { expectUnchanged, extractAll, extractorOf, LOAD, type RunState, readTables, WAREHOUSE } from './run-state.ts';

/** After this long S3's rules have deleted every page and every staged file, also the few that no warehouse has loaded. */
const LONG = 400 * DAY_MS;
/** Failures of AWS after which the same statement may succeed. */
const PASSING = [
  'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: callhouse.loads',
  'HIVE_METASTORE_ERROR: Rate exceeded (Service: Glue, Status Code: 400, Request ID: 0)',
];

/** What goes wrong on AWS now and then: statements that fail, a Lambda that dies, objects that expire. */
export async function sufferFaults(state: RunState): Promise<void> {
  await failStatements(state);
  await failLambda(state);
  await expireObjects(state);
}

async function failStatements(state: RunState): Promise<void> {
  const { report, standin, cloud } = state;
  await report.check('a load waits while Athena throttles, and repeats statements whose failure may pass', async () => {
    await commitOnce(state);
    await standin.failStatements(PASSING, 2);
    const ended = await cloud.invoke<LoadResult>(LOAD);
    expect(ended.exitCode === 0 && ended.commits > 0, JSON.stringify(ended));
    const { reasons, throttled } = await standin.faultsLeft();
    expect(reasons + throttled === 0, `${reasons} failures and ${throttled} throttlings were not met`);
  });
  await report.check('a load returns 5 where resources are exhausted, and the next one loads the same', async () => {
    await commitOnce(state);
    await standin.failStatements(['Query exhausted resources at this scale factor'], 0);
    const failed = await cloud.invoke<LoadResult>(LOAD);
    expect(failed.exitCode === 5 && failed.behind !== undefined, JSON.stringify(failed));
    const ended = await cloud.invoke<LoadResult>(LOAD);
    expect(ended.exitCode === 0 && ended.commits > 0, JSON.stringify(ended));
  });
}

/** A run of one account makes a commit, changed or not. */
async function commitOnce({ cloud, timeline }: RunState): Promise<void> {
  const at = timeline.ticks.ninth.toISOString();
  await cloud.invoke(extractorOf('kalem'), { source: 'kalem', account: 'default', at });
}

async function failLambda(state: RunState): Promise<void> {
  const { report, standin, cloud, timeline } = state;
  const name = extractorOf('kalem');
  const event = { source: 'kalem', account: 'default', at: timeline.ticks.ninth.toISOString() };
  await report.check('an event on which a Lambda dies once is repeated, and is no dead letter', async () => {
    await standin.settle();
    await standin.failLambda(name, 1);
    await cloud.invokeLater(name, event);
    const ended = await runsOf(state, 2);
    expect(ended.length === 2 && !ended[1]?.failed, `${ended.length} runs`);
    expect((await standin.takeMessages(deadLetterQueueName(STAGE))).length === 0, 'there is a dead letter');
  });
  await report.check(
    'one on which it dies twice goes to the dead-letter queue, with no value of a record',
    async () => {
      await standin.settle();
      await standin.failLambda(name, 2);
      await cloud.invokeLater(name, event);
      expect((await runsOf(state, 2)).length === 2, 'it did not run twice');
      const messages = await messagesOf(state);
      const [letter] = messages as readonly { readonly requestPayload: unknown }[];
      expect(messages.length === 1, `${messages.length} dead letters`);
      expect(JSON.stringify(letter?.requestPayload) === JSON.stringify(event), JSON.stringify(letter));
    },
  );
  await report.check('the next tick reads what that one would have read', () =>
    extractAll(state, timeline.ticks.ninth),
  );
}

/** Runs that end from now on, once there are so many. */
async function runsOf({ standin }: RunState, count: number) {
  const ended = [...(await standin.settle())];
  for (let looks = 0; ended.length < count && looks < 100; looks += 1) {
    await wait(200);
    ended.push(...(await standin.settle()));
  }
  return ended;
}

async function messagesOf({ standin }: RunState): Promise<readonly unknown[]> {
  for (let looks = 0; looks < 50; looks += 1) {
    const messages = await standin.takeMessages(deadLetterQueueName(STAGE));
    if (messages.length > 0) return messages;
    await wait(200);
  }
  return [];
}

async function expireObjects(state: RunState): Promise<void> {
  const { report, standin, cloud, timeline } = state;
  await report.check('a year on, S3 has deleted pages, staged files and old versions, and nothing else', async () => {
    await cloud.invoke(LOAD);
    const { objects, versions } = await standin.expire(new Date(Date.now() + LONG));
    const expected = ['athena-results', 'raw', 'staging'];
    expect(String(Object.keys(objects).sort()) === String(expected), JSON.stringify(objects));
    expect(versions > 0, 'no old version expired');
    return `${JSON.stringify(objects)}, ${versions} old versions`;
  });
  await report.check('then ticks and loads go on, and a replay of every load misses no file', async () => {
    const before = await readTables(state);
    await extractAll(state, timeline.ticks.ninth);
    const next = await cloud.invoke<LoadResult>(LOAD);
    expect(next.exitCode === 0, JSON.stringify(next));
    for await (const key of cloud.store.list(`progress/${WAREHOUSE}/`)) await cloud.store.delete(key);
    const { exitCode, changed, error = '' } = await cloud.invoke<LoadResult>(LOAD);
    expect(exitCode === 0, `${exitCode}: ${error}`);
    expectNone(Object.entries(changed).flatMap(([table, rows]) => (rows === 0 ? [] : [`${table}: ${rows} rows`])));
    return expectUnchanged(state, before, ['loads', 'rejects']);
  });
}
