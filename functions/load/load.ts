import { callVersions } from '../../schemas/call-versions.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { hasHistory } from '../../schemas/derive/versions.ts';
import { checkTouchedRows, type Touched, touch } from '../check/check-load.ts';
import { AlreadyRunningError, CallhouseError, type ExitCode, InterruptedError } from '../errors.ts';
import { type LoadResult, worstOf } from '../results.ts';
import { type Ledger, openLedger } from './bookkeeping.ts';
import { findLagging, type LaggingStream } from './find-lagging.ts';
import { runInLanes, type Turn } from './lanes.ts';
import { loadStream } from './load-stream.ts';
import { type LoadPlan, type LoadPorts, tablesOfStreams } from './plan.ts';
import type { LoadTarget } from './target.ts';

/** Exit code of a load after which checks find a fault of the warehouse. */
const FAULTS_FOUND: ExitCode = 4;

/** Result so far. */
interface Tally {
  commits: number;
  readonly changed: Record<string, number>;
  readonly touched: Touched;
  /** Faults that the checks after the load found. */
  faults: readonly string[];
  readonly errors: CallhouseError[];
  /** Thrown once the other streams are loaded: a bug, or that another process has taken over, whose exit code would mean complete. */
  thrown?: { readonly error: unknown };
  /** What is still not loaded, and since when. */
  left: readonly Pick<LaggingStream, 'id' | 'since'>[];
}

/** A stream while it is loaded: one step is one batch. */
interface StreamTurn extends Turn, LaggingStream {
  readonly batches: ReturnType<typeof loadStream>;
}

/**
 * Loads all commits that the warehouse does not have, of the stream that is furthest behind first. A stream that fails does not keep
 * the others from being loaded; the next load tries it again.
 */
export async function load(plan: LoadPlan, ports: LoadPorts): Promise<LoadResult> {
  const tally: Tally = { commits: 0, changed: {}, touched: new Map(), faults: [], errors: [], left: [] };
  await attempt(tally, async () => {
    const target = await openTarget(plan, ports);
    const lagging = await findLagging(plan, target, ports);
    await loadLagging(lagging, target, ports, tally);
    if (!ports.signal?.aborted) tally.faults = await checkTouchedRows(tally.touched, target, ports);
  });
  if (tally.thrown) throw tally.thrown.error;
  return describe(tally);
}

async function openTarget(
  { streams, databases = DATABASES, isRewritten = () => false }: LoadPlan,
  { engine }: LoadPorts,
): Promise<LoadTarget> {
  await engine.prepare(tablesOfStreams(streams));
  return { id: await engine.identity(), databases, engine, isRewritten };
}

/**
 * An engine that runs several statements at the same time has no transactions, and each change of a table costs money there: the
 * bookkeeping of all streams is written together.
 */
async function loadLagging(
  lagging: readonly LaggingStream[],
  target: LoadTarget,
  ports: LoadPorts,
  tally: Tally,
): Promise<void> {
  const { statementsAtOnce = 1 } = target.engine;
  const ledger = statementsAtOnce > 1 ? openLedger(target, ports.store, ports.now) : undefined;
  const turns = lagging.map((one) => turnOf(one, target, ports, ledger));
  const failed: LaggingStream[] = [];
  const step = async (turn: StreamTurn) => {
    const done = await attempt(tally, () => loadBatch(turn, tally));
    if (!done) failed.push(turn);
    return done?.value;
  };
  const rest = await runInLanes(turns, statementsAtOnce, step, () => ports.signal?.aborted ?? false);
  const isSaved = await attempt(tally, async () => ledger?.save());
  tally.left = isSaved ? [...failed, ...rest] : lagging;
  if (rest.length > 0)
    tally.errors.push(new InterruptedError('interrupted before all commits were loaded; the next load continues'));
}

function turnOf(one: LaggingStream, target: LoadTarget, ports: LoadPorts, ledger: Ledger | undefined): StreamTurn {
  const { tables } = one.stream;
  // The tables of all sources add to one table of versions.
  const changes = tables.some(hasHistory) ? [...tables, callVersions] : tables;
  return { ...one, changes, batches: loadStream(one, target, ports, ledger) };
}

/** Loads the next batch of a stream. @returns the stream afterwards; undefined if it is loaded completely */
async function loadBatch(turn: StreamTurn, tally: Tally): Promise<StreamTurn | undefined> {
  const { done, value: batch } = await turn.batches.next();
  if (done) return undefined;
  tally.commits += batch.commits.length;
  touch(tally.touched, batch, turn.stream.tables);
  for (const [table, rows] of Object.entries(batch.changed)) tally.changed[table] = (tally.changed[table] ?? 0) + rows;
  const last = batch.commits.at(-1);
  return { ...turn, since: last ? Date.parse(last.endedAt) : turn.since };
}

/** Collects a failure. @returns undefined if there was one */
async function attempt<T>(tally: Tally, work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof CallhouseError && !(error instanceof AlreadyRunningError)) tally.errors.push(error);
    else tally.thrown ??= { error };
    return undefined;
  }
}

function describe({ commits, changed, faults, errors, left }: Tally): LoadResult {
  const found = faults.length > 0 ? [FAULTS_FOUND] : [];
  const exitCode: ExitCode = worstOf([...found, ...errors.map((error) => error.exitCode)]);
  const error = errors.length > 0 ? [...new Set(errors.map(({ message }) => message))].join('; ') : undefined;
  const oldest = left
    .flatMap(({ id, since }) => (since === undefined ? [] : [{ ...id, since }]))
    .sort((a, b) => a.since - b.since)[0];
  const behind = oldest && { ...oldest, since: new Date(oldest.since).toISOString() };
  return { commits, changed, ...(behind && { behind }), ...(found.length > 0 && { faults }), error, exitCode };
}
