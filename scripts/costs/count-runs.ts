import { extractAccount } from '../../functions/extract/extract-account.ts';
import { maintainHandler } from '../../functions/handlers/maintain.ts';
import { accountsInLake } from '../../functions/lake/accounts-in-lake.ts';
import { load } from '../../functions/load/load.ts';
import { type LoadPlan, streamsToLoad } from '../../functions/load/plan.ts';
import { parseSettings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source/source.ts';
import { memoryStore } from '../../local/lake/memory-store.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { makePorts } from '../../test/helpers/ports.ts';
import { putSmallCommit } from '../../test/helpers/small-commit.ts';
import { countingEngine, countingStore, type StoreCounts } from './counting.ts';

/** What one run asks for. */
export interface RunCounts extends StoreCounts {
  /** Athena statements. */
  readonly statements: number;
  /** Requests to vendors. */
  readonly requests: number;
}

/** Counts of every kind of run of a stage. */
export interface StageCounts {
  /** A tick of each account in which nothing is new, by source. */
  readonly ticks: Readonly<Record<string, RunCounts>>;
  /** A load after ticks in which nothing was new, and one after ticks in which every table got rows. */
  readonly quietLoad: RunCounts;
  readonly busyLoad: RunCounts;
  /** A nightly maintenance. */
  readonly night: RunCounts;
}

const TICK_MS = 15 * 60_000;

/** Counts the runs that change tables, of a stage with these accounts, by running the code. @param accounts of every source */
export async function countWarehouseRuns(
  sources: readonly Source[],
  accounts: readonly string[],
): Promise<Omit<StageCounts, 'ticks'>> {
  const plan = {
    streams: streamsToLoad(sources),
    accounts: Object.fromEntries(sources.map(({ name }) => [name, accounts])),
  };
  return {
    quietLoad: await countLoad(plan, false),
    busyLoad: await countLoad(plan, true),
    night: await countNight(plan),
  };
}

/** Counts the second of two ticks of each source over the simulators, whose calls do not change meanwhile. */
export async function countTicks(sources: readonly Source[]): Promise<Record<string, RunCounts>> {
  const vendors = await startSimulators({ callsPerVendor: 60 });
  const ticks: Record<string, RunCounts> = {};
  try {
    for (const source of sources) {
      const baseUrl = vendors.env[`${source.name.toUpperCase()}_BASE_URL`];
      const settings = parseSettings({ sources: { [source.name]: { baseUrl, maxRps: 1000 } } }, 'costs');
      const lake = memoryStore();
      const run = async (store: typeof lake, ms: number) => {
        const ports = makePorts({ store, env: vendors.env, clock: { ms } });
        return extractAccount(source, { account: 'default', at: new Date(ms), settings }, ports);
      };
      const start = vendors.now().getTime();
      await run(lake, start);
      const { store, counts } = countingStore(lake);
      const { streams } = await run({ ...lake, ...store }, start + TICK_MS);
      const requests = streams.reduce((sum, stream) => sum + stream.requests, 0);
      ticks[source.name] = { ...counts, statements: 0, requests };
    }
  } finally {
    await vendors.close();
  }
  return ticks;
}

/** A load of one commit of each stream. @param isBusy each commit has rows of every table */
async function countLoad(plan: LoadPlan, isBusy: boolean): Promise<RunCounts> {
  const lake = memoryStore();
  const { engine, counts: statements } = countingEngine();
  const { store, counts } = countingStore(lake);
  const now = () => Date.parse('2026-11-21T09:00:00Z');
  for (const n of [1, 2]) {
    await commitAll(plan, lake, n, isBusy);
    Object.assign(counts, { writes: 0, reads: 0 });
    statements.statements = 0;
    const accounts = await accountsInLake(store);
    await load({ ...plan, accounts }, { store, engine, log: () => {}, now });
  }
  return { ...counts, ...statements, requests: 0 };
}

async function countNight(plan: LoadPlan): Promise<RunCounts> {
  const lake = memoryStore();
  const { engine, counts: statements } = countingEngine();
  const { store, counts } = countingStore(lake);
  await commitAll(plan, lake, 1, true);
  const ports = {
    store,
    engine,
    log: () => {},
    now: Date.now,
    random: Math.random,
    remainingMs: () => Number.POSITIVE_INFINITY,
  };
  const accounts = await accountsInLake(store);
  const maintain = maintainHandler(
    { ...plan, accounts, stagingDays: 30 },
    { ...ports, betweenLoads: (work) => work() },
  );
  await maintain(new Date('2026-11-21T03:00:00Z'));
  return { ...counts, ...statements, requests: 0 };
}

async function commitAll(
  { streams, accounts }: LoadPlan,
  lake: ReturnType<typeof memoryStore>,
  n: number,
  isBusy: boolean,
) {
  const at = new Date('2026-11-20T09:00:00Z');
  for (const { source, stream, tables } of streams)
    for (const account of accounts[source] ?? [])
      await putSmallCommit(lake, { source, account, stream }, n, at, isBusy ? tables.map(({ name }) => name) : []);
}
