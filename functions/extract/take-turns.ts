import { AlreadyRunningError, CallhouseError, type ExitCode } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { type StreamResult, statusOf, withEarlier } from '../results.ts';
import type { Stream } from '../source/source.ts';
import { extractStream } from './extract-stream.ts';
import { idsRemedy, mayBeRefused } from './session/known-streams.ts';
import { knownAfter, openSession, readKnownStream } from './session/open-session.ts';
import type { AccountRun, StreamSession } from './session/session.ts';
import type { KnownStream } from './session/sibling-records.ts';

/** How the time of a run is shared among its streams, so that none takes all of it each time. */
export interface TimeShare {
  /** Time that must be left to send another request, ms. */
  readonly reserveMs: () => number;
  /** Gives the next stream half of what is left, or all of it if no other one waits. */
  share(isLast: boolean): void;
}

/** @param reserveMs time that is kept for the last commit, ms */
export function timeShare({ remainingMs }: Pick<Ports, 'remainingMs'>, reserveMs: number): TimeShare {
  let others = 0;
  return {
    reserveMs: () => reserveMs + others,
    share(isLast) {
      others = 0;
      const left = remainingMs() - reserveMs;
      if (!isLast && left > 0 && left < Number.POSITIVE_INFINITY) others = left / 2;
    },
  };
}

/** What the streams of a run share. */
interface Turns {
  /** Filled with each stream that was read, for those after it. */
  readonly streams: Map<string, KnownStream>;
  /** Filled with the result of each stream that was to be read. */
  readonly results: StreamResult[];
  readonly time: TimeShare;
  /** False for a stream that is not to be run. Others may list their partitions by its records. */
  readonly isWanted: (name: string) => boolean;
}

/** A stream and its name. */
type NamedStream = readonly [string, Stream];

/**
 * Runs the streams one after the other, each with a share of the time. A stream that was cut, or whose full scan needs more time, has
 * another turn after all others; so have the details of its records.
 */
export async function takeTurns(run: AccountRun, turns: Turns): Promise<readonly StreamResult[]> {
  const { results, time } = turns;
  const { unfinished, isEnded } = await takeFirstTurns(run, turns);
  for (const [n, [name, stream]] of unfinished.entries()) {
    time.share(n === unfinished.length - 1);
    const place = results.findIndex((one) => one.stream === name);
    const [first] = results.slice(place);
    const again = !isEnded && run.client.hasTime() ? note(turns, name, await runStream(run, name, stream)) : undefined;
    const result = again?.result ? withEarlier(first, again.result) : first;
    if (!result) continue;
    results.splice(place, 1, result);
    logResult(run, result);
  }
  return results;
}

/** The outcome of the first turns. */
interface FirstTurns {
  /** Streams that have more to read, and the details that wait for them. */
  readonly unfinished: readonly NamedStream[];
  /** A failure concerns every stream, so none has another turn. */
  readonly isEnded: boolean;
}

async function takeFirstTurns(run: AccountRun, turns: Turns): Promise<FirstTurns> {
  const { results, time, isWanted } = turns;
  const streams = Object.entries(run.source.streams).filter(([, stream]) => !isSkipped(run, stream));
  for (const [name, stream] of Object.entries(run.source.streams)) if (isSkipped(run, stream)) run.unswept.delete(name);
  const last = streams.findLastIndex(([name]) => isWanted(name));
  const unfinished: NamedStream[] = [];
  for (const [n, [name, stream]] of streams.entries()) {
    const isAlone = n >= last && unfinished.length === 0;
    time.share(isAlone);
    const ended = note(turns, name, isWanted(name) ? await runStream(run, name, stream) : await knowStream(run, name));
    if (!ended.result) continue;
    const result = withRemedy(run, stream, ended.result);
    results.push(result);
    // A stream that is not run has a result only if it cannot be read: those that list their partitions by it would find none.
    const isEnded = !isWanted(name) || isEndOfRun(result);
    // Another turn of the stream of their records may show what details must follow, such as an opt-out.
    const follows = stream.kind === 'details' && unfinished.some(([parent]) => parent === stream.parent);
    const hasAnotherTurn = (ended.isUnfinished === true || follows) && !isAlone && !isEnded;
    if (hasAnotherTurn) unfinished.push([name, stream]);
    else logResult(run, result);
    if (isEnded) return { unfinished, isEnded };
  }
  return { unfinished, isEnded: false };
}

function isSkipped({ siblings }: AccountRun, { skipWhenOptionSet: option }: Stream): boolean {
  return option !== undefined && Boolean(siblings.options[option]);
}

/** Keeps what a stream knows for the streams after it. */
function note({ streams }: Turns, name: string, ended: StreamOutcome): StreamOutcome {
  ended.known?.digest.releaseAll();
  if (ended.known) streams.set(name, ended.known);
  return ended;
}

/** Says which setting may supply the ids that a stream lists, if the stream failed. */
function withRemedy({ source, account, ports }: AccountRun, stream: Stream, result: StreamResult): StreamResult {
  const option = stream.skipWhenOptionSet;
  if (option === undefined || result.error === undefined || !mayBeRefused(result)) return result;
  return { ...result, error: `${result.error}. ${idsRemedy(ports, source.name, account, option)}` };
}

/** The outcome of a stream's turn, and what the stream knows for those after it. */
interface StreamOutcome {
  readonly known?: KnownStream | undefined;
  readonly result?: StreamResult;
  /** It has more to read than its share of the time allowed. @default false */
  readonly isUnfinished?: boolean;
}

/** A stream that fails does not stop the others, and the commits that it made count. */
async function runStream(run: AccountRun, name: string, stream: Stream): Promise<StreamOutcome> {
  let session: StreamSession | undefined;
  try {
    session = await openSession(run, name, stream);
    await checkLease(run, session);
    const result = await extractStream(session);
    // A backfill does not continue the full scan that scheduled runs have begun.
    const isScanning = run.window === undefined && session.progress.state().scan !== undefined;
    const isUnfinished = isScanning || result.exitCode === 6;
    return { known: knownAfter(session), result, isUnfinished: isUnfinished && result.status !== 'failed' };
  } catch (error) {
    // No commit names what it wrote since its last one; the next run deletes it.
    if (session) run.unswept.add(name);
    const failed = failedStream(name, error, session?.progress);
    // The streams that follow it see only what it has committed.
    return { ...failed, known: (await knowStream(run, name)).known };
  }
}

/**
 * Ends a run whose lease was taken over before this stream was opened, for example while it was suspended after another stream. What it
 * knows is old: which records were erased or opted out, and the key of hashes. If that happens later, the stream cannot commit any more.
 * @throws AlreadyRunningError
 */
async function checkLease({ holdsLease }: AccountRun, { id }: StreamSession): Promise<void> {
  if (!(await holdsLease()))
    throw new AlreadyRunningError('another run has taken over; this run stopped, and the other continues', id);
}

/** Reads what a stream knows without running it, for streams that list their partitions by its records. */
async function knowStream({ ports, source, account }: AccountRun, stream: string): Promise<StreamOutcome> {
  try {
    return { known: await readKnownStream(ports, { source: source.name, account, stream }) };
  } catch (error) {
    return failedStream(stream, error);
  }
}

/** @throws what is not an expected failure */
function failedStream(name: string, error: unknown, progress?: StreamSession['progress']): StreamOutcome {
  if (!(error instanceof CallhouseError)) throw error;
  const nothing = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
  const counts = progress?.result('failed') ?? nothing;
  const status = error instanceof AlreadyRunningError ? 'busy' : statusOf(error);
  return {
    result: { ...counts, stream: name, status, error: error.message, exitCode: error.exitCode },
  };
}

/** Wrong credentials and an interruption concern every stream, and so does another run that took over. */
function isEndOfRun({ exitCode, status }: StreamResult): boolean {
  const ends: readonly ExitCode[] = [2, 130];
  return ends.includes(exitCode) || status === 'busy';
}

function logResult({ ports, source, account }: AccountRun, result: StreamResult): void {
  const { stream, error, status, requests, records, changed, deleted, rejected } = result;
  const level = error === undefined ? 'info' : status === 'busy' ? 'warn' : 'error';
  ports.log(level, error ?? 'stream done', {
    source: source.name,
    account,
    stream,
    status,
    requests,
    records,
    changed,
    deleted,
    rejected,
  });
}
