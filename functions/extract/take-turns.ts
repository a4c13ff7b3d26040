import { AlreadyRunningError, CallhouseError, type ExitCode } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { type StreamResult, statusOf, withEarlier } from '../results.ts';
import type { Stream } from '../source/source.ts';
import { extractStream } from './extract-stream.ts';
import { mayBeRefused, wayOut } from './session/known-streams.ts';
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
  /** False for a stream that is not run, but that others may list their partitions by. */
  readonly isWanted: (name: string) => boolean;
}

/**
 * Runs the streams one after the other, each with a share of the time. Those that were cut, or whose full scan needs more, have another
 * turn once all others were read, and so have the details of their records.
 */
export async function takeTurns(run: AccountRun, turns: Turns): Promise<readonly StreamResult[]> {
  const { results, time, isWanted } = turns;
  const streams = Object.entries(run.source.streams).filter(([, stream]) => !isSkipped(run, stream));
  for (const [name, stream] of Object.entries(run.source.streams)) if (isSkipped(run, stream)) run.unswept.delete(name);
  const last = streams.findLastIndex(([name]) => isWanted(name));
  const unfinished: (readonly [string, Stream])[] = [];
  let isEnded = false;
  for (const [n, [name, stream]] of streams.entries()) {
    const isAlone = n >= last && unfinished.length === 0;
    time.share(isAlone);
    const ended = note(turns, name, isWanted(name) ? await runStream(run, name, stream) : await knowStream(run, name));
    if (!ended.result) continue;
    const result = withWayOut(run, stream, ended.result);
    results.push(result);
    // Streams that list their partitions by one that cannot be read would find none.
    isEnded = !isWanted(name) || isEndOfRun(result);
    // Details follow what the other turn of their record's stream shows, such as an opt-out.
    const follows = stream.kind === 'details' && unfinished.some(([parent]) => parent === stream.parent);
    const hasAnotherTurn = (ended.isUnfinished === true || follows) && !isAlone && !isEnded;
    if (hasAnotherTurn) unfinished.push([name, stream]);
    else logResult(run, result);
    if (isEnded) break;
  }
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

function isSkipped({ siblings }: AccountRun, { skipWhenOptionSet: option }: Stream): boolean {
  return option !== undefined && Boolean(siblings.options[option]);
}

/** Notes what a stream knows for those after it. */
function note({ streams }: Turns, name: string, ended: StreamOutcome): StreamOutcome {
  ended.known?.digest.release(true);
  if (ended.known) streams.set(name, ended.known);
  return ended;
}

/** If a list cannot be had, the user may supply the ids that it would list. */
function withWayOut({ source, account, ports }: AccountRun, stream: Stream, result: StreamResult): StreamResult {
  const option = stream.skipWhenOptionSet;
  if (option === undefined || result.error === undefined || !mayBeRefused(result)) return result;
  return { ...result, error: `${result.error}. ${wayOut(ports, source.name, account, option)}` };
}

/** What a stream came to, and what it knows for the streams after it. */
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
    const result = await extractStream(session);
    // A backfill does not continue the full scan that scheduled runs have begun.
    const isScanning = run.window === undefined && session.progress.state().scan !== undefined;
    const isUnfinished = isScanning || result.exitCode === 6;
    return { known: knownAfter(session), result, isUnfinished: isUnfinished && result.status !== 'failed' };
  } catch (error) {
    // What it wrote since its last commit is named by none; the next run deletes it.
    if (session) run.unswept.add(name);
    const failed = failedStream(name, error, session?.progress);
    // What was not committed does not count for the streams that follow it either.
    return { ...failed, known: (await knowStream(run, name)).known };
  }
}

/** Reads what a stream knows without running it, for streams that list their partitions by it. */
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
