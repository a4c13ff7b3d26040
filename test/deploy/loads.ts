import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { faultsIn } from '../../functions/check/check-result.ts';
import { loadHandler } from '../../functions/handlers/load.ts';
import type { MaintainResult } from '../../functions/handlers/maintain.ts';
import { type LoadPlan, streamsToLoad } from '../../functions/load/plan.ts';
import type { Store } from '../../functions/ports.ts';
import type { LoadResult } from '../../functions/results.ts';
import { listSources } from '../../functions/source/registry.ts';
import { expect, expectNone } from './report.ts';
import {
  expectSameTables,
  expectUnchanged,
  extractAll,
  failuresOf,
  LOAD,
  MAINTAIN,
  type RunState,
  readTables,
  WAREHOUSE,
} from './run-state.ts';
import { problemsOf, SOURCES } from './world.ts';

/** Third tick: two loaders load the same commits, with neither lease nor record of statements between them, so that their MERGEs compete. */
export async function thirdTick(state: RunState): Promise<void> {
  const { report, worlds, timeline } = state;
  const at = timeline.ticks.third;
  worlds.moveTo(at);
  await report.check('tick 3: three days on, the Lambdas extract what is new', () => extractAll(state, at));
  await report.check('tick 3: two loaders at once, with nothing between them, both end well', async () => {
    await state.standin.statements();
    const plan = await planAll();
    const both = await Promise.all([loadHere(state, plan), loadHere(state, plan)]);
    expectNone(problemsOf(both));
    const { MERGE: merges } = await state.standin.statements();
    return `${both.map(({ commits }) => commits).join(' and ')} commits, ${merges} MERGEs`;
  });
  await worlds.runHome(at);
  await report.check('tick 3: every table equals the local home, row for row', () => expectSameTables(state));
}

/** Fourth tick: the loader is killed when it has staged files to merge; the next tick, the nightly one, finishes it. */
export async function fourthTick(state: RunState): Promise<void> {
  const { report, worlds, timeline, cloud, standin } = state;
  const at = timeline.ticks.fourth;
  worlds.moveTo(at);
  await report.check('tick 4: the Lambdas extract, and the loader is killed between stage and MERGE', async () => {
    await extractAll(state, at);
    const before = await readTables(state);
    await standin.killAtMerge(LOAD);
    const ended = await cloud.invoke(LOAD).then(
      () => 'it ended well',
      (error: Error) => error.message,
    );
    expect(/died|exited|no response/i.test(ended), ended);
    return expectUnchanged(state, before);
  });
  await worlds.runHome(at);
  await report.check(
    "the killed loader's lease holds off another until it has not been renewed for 15 minutes",
    async () => {
      const held = await cloud.invoke<LoadResult>(LOAD);
      expect(held.error?.endsWith('another run is in progress') === true, JSON.stringify(held));
      await ageLease(cloud.store, 'leases/warehouse/load/');
    },
  );
  await nightlyTick(state);
}

/** Tables of both databases: nine of records in each, and four that Callhouse fills by rules of its own. */
const TABLES = 22;

/** Extractors, loader and maintenance are all due at 03:00, and run at once. */
async function nightlyTick(state: RunState): Promise<void> {
  const { report, worlds, timeline, standin, cloud } = state;
  const at = timeline.ticks.nightly;
  worlds.moveTo(at);
  await report.check(
    'tick 5: at 03:00 the Scheduler fires extractors, loader and maintenance at once; the load finishes what was killed',
    async () => {
      await standin.settle();
      await standin.statements();
      const fired = (await standin.setClock(at)).map(({ schedule }) => schedule);
      expect(fired.includes(LOAD) && fired.includes(MAINTAIN) && fired.length === SOURCES.length + 2, fired.join(', '));
      const ended = await standin.settle();
      expectNone(failuresOf(ended));
      const loaded = ended.find((one) => one.function === LOAD)?.body as LoadResult | undefined;
      expect((loaded?.commits ?? 0) >= 7, `${loaded?.commits} commits were loaded; the killed loader left 7`);
      const maintained = ended.find((one) => one.function === MAINTAIN)?.body as
        | Pick<MaintainResult, 'compacted' | 'checks'>
        | undefined;
      const faults = maintained && faultsIn(maintained.checks).map(({ message }) => message);
      expectNone(faults ?? ['the maintenance did not run']);
      const { OPTIMIZE: optimized = 0, VACUUM: vacuumed = 0 } = await standin.statements();
      const { compacted = 0 } = maintained ?? {};
      expect(
        compacted === TABLES && optimized >= TABLES && vacuumed >= TABLES,
        `${compacted} tables, ${optimized} and ${vacuumed}`,
      );
      return `${loaded?.commits} commits, OPTIMIZE ${optimized}, VACUUM ${vacuumed}, ${maintained?.checks.length} checks`;
    },
  );
  await report.check('tick 5: what was committed while that load ran is loaded by one more', async () => {
    await cloud.invoke(LOAD);
  });
  await worlds.runHome(at);
  await report.check('tick 5: every table equals the local home, row for row', () => expectSameTables(state));
  await report.check('among them are rows that the vendors removed', async () => {
    const tables = ['kalem_calls', 'solum_calls', 'zudu_calls'];
    const selects = tables.map((name) => `SELECT _deleted_at FROM "callhouse"."${name}"`);
    const { rows } = await cloud.engine.query(`SELECT count(_deleted_at) FROM (${selects.join(' UNION ALL ')}) c`);
    expect(Number(rows[0]?.[0]) > 0, 'none is marked');
    return `${rows[0]?.[0]} rows`;
  });
}

/** All commits again: as a loader does that lost its progress. */
export async function replayLoads(state: RunState): Promise<void> {
  const { report, cloud } = state;
  await report.check('a replay of every load changes 0 rows', async () => {
    const before = await readTables(state);
    let keys = 0;
    for await (const key of cloud.store.list(`progress/${WAREHOUSE}/`)) {
      await cloud.store.delete(key);
      keys += 1;
    }
    expect(keys === 7, `progress of ${keys} streams; expected 7`);
    const { changed, commits } = await cloud.invoke<LoadResult>(LOAD);
    expectNone(
      Object.entries(changed).flatMap(([table, rows]) => (rows === 0 ? [] : [`${table}: ${rows} rows changed`])),
    );
    await expectUnchanged(state, before);
    return `${commits} commits, ${Object.keys(changed).length} tables`;
  });
}

async function planAll(): Promise<LoadPlan> {
  const streams = streamsToLoad(await listSources());
  return { streams, accounts: Object.fromEntries(SOURCES.map((name) => [name, ['default']])) };
}

async function loadHere({ cloud }: RunState, plan: LoadPlan): Promise<LoadResult> {
  const engine = athenaEngine({ workgroup: cloud.outputs['EtlWorkgroup'] ?? '' });
  try {
    return await loadHandler(plan, { store: cloud.store, engine, log: () => {}, now: Date.now })();
  } finally {
    await engine.close();
  }
}

/** A quarter of an hour later, as far as the lease can tell: Lambdas read the machine's clock. */
async function ageLease(store: Store, prefix: string): Promise<void> {
  for await (const key of store.list(prefix)) {
    const lease = JSON.parse(Buffer.from((await store.get(key)) ?? '{}').toString('utf8')) as object;
    await store.put(key, Buffer.from(JSON.stringify({ ...lease, at: Date.now() - 15 * 60_000 - 1 })), {
      replace: true,
    });
  }
}
