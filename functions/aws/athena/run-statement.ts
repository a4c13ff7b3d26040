import { createHash } from 'node:crypto';
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { InterruptedError, OutOfTimeError } from '../../errors.ts';
import type { Log, Store } from '../../ports.ts';
import { DAY_MS } from '../../time.ts';
import { faultOf, isThrottled } from '../sdk-errors.ts';
import { athenaError, failureOf, isPassing } from './athena-error.ts';
import { type RunningRecord, runningRecord } from './running-record.ts';

/** What running a statement needs. Times are in ms. */
export interface StatementRunner {
  readonly client: AthenaClient;
  readonly workgroup: string;
  readonly database: string;
  readonly store: Store | undefined;
  readonly log: Log;
  /** Called for each execution that ended, with the bytes that it scanned. */
  readonly onScanned: (bytes: number) => void;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** A statement that succeeded. */
export interface FinishedStatement {
  readonly id: string;
  readonly scannedBytes: number | undefined;
}

/** Number of repeats after a failure that may pass, such as a conflict with another writer of the table. */
const REPEATS = 3;
/**
 * Number of waits while Athena's quota of running statements is used up.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/service-limits.html}
 */
const QUEUE_WAITS = 8;
const FIRST_POLL_MS = 150;
const LONGEST_POLL_MS = 5_000;
/** Time left for the caller to end in order. */
const RESERVE_MS = 20_000;
/** Ignore recorded results older than a day: the tables may have been recreated since. */
const FORGET_MS = DAY_MS;
/** Athena's answer for an execution that it no longer knows. */
const DELETED_OR_OLD = 'InvalidRequestException';

/**
 * Runs a statement and waits for its end. With a token, the store records the execution: a loader that was killed finds the
 * record and waits for the same execution, as do two loaders at the same time.
 * @param token identity of the statement, lower-case hex
 * @throws OutOfTimeError if the run's time is used up first; the statement continues in Athena
 * @throws InterruptedError if the signal is aborted; the statement continues too
 * @throws SqlError, StorageError, CredentialsError if the statement fails
 */
export async function runStatement(
  sql: string,
  token: string | undefined,
  runner: StatementRunner,
): Promise<FinishedStatement> {
  const startedAt = runner.now();
  const record = runningRecord(runner.store, token, runner.random);
  let attempt = await record.open();
  for (let repeats = 0; ; repeats += 1) {
    const execution = await startOrJoin(sql, attempt, record, runner);
    const failure = failureOf(execution);
    const scannedBytes = execution.Statistics?.DataScannedInBytes;
    if (scannedBytes !== undefined) runner.onScanned(scannedBytes);
    if (failure === undefined && !isForgotten(execution, startedAt)) {
      await record.close();
      runner.log('debug', 'statement done', { ms: Math.round(runner.now() - startedAt), scannedBytes, repeats });
      return { id: execution.QueryExecutionId ?? '', scannedBytes };
    }
    if (failure !== undefined && (repeats === REPEATS || !isPassing(failure))) {
      await record.close();
      throw athenaError(failure, execution.QueryExecutionId);
    }
    if (failure !== undefined) await pause(1_000 * 2 ** repeats * (0.5 + runner.random()), runner);
    attempt = await record.renew();
  }
}

/** Starts the statement, or joins the execution that the record names, and waits for its end. */
async function startOrJoin(
  sql: string,
  attempt: RunningRecord['attempt'],
  record: RunningRecord,
  runner: StatementRunner,
) {
  if (attempt.id !== undefined) {
    const joined = await waitFor(attempt.id, runner);
    if (joined) return joined;
  }
  const { nonce } = attempt.id === undefined ? attempt : await record.renew();
  const id = await start(sql, nonce, runner);
  await record.note(id);
  const execution = await waitFor(id, runner);
  if (execution) return execution;
  throw athenaError({ code: DELETED_OR_OLD, text: '' }, id);
}

async function start(sql: string, nonce: string | undefined, runner: StatementRunner): Promise<string> {
  const { client, workgroup, database, random } = runner;
  const command = new StartQueryExecutionCommand({
    QueryString: sql,
    WorkGroup: workgroup,
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: database },
    ClientRequestToken: nonce && createHash('sha256').update(`${nonce}\n${workgroup}\n${sql}`).digest('hex'),
  });
  for (let waits = 0; ; waits += 1) {
    try {
      const { QueryExecutionId: id = '' } = await client.send(command);
      return id;
    } catch (error) {
      const fault = faultOf(error);
      if (!fault || waits === QUEUE_WAITS || !isThrottled(fault)) throw athenaError(error);
      await pause(2_000 * 1.5 ** waits * (0.5 + random()), runner);
    }
  }
}

/** Polls until the execution ends. @returns undefined if Athena does not know the execution, or no longer */
async function waitFor(id: string, runner: StatementRunner): Promise<QueryExecution | undefined> {
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.5)) {
    const execution = await getExecution(id, runner);
    const state = execution?.Status?.State;
    if (execution === undefined || (state !== 'QUEUED' && state !== 'RUNNING')) return execution;
    await pause(pollMs, runner);
  }
}

async function getExecution(id: string, { client }: StatementRunner): Promise<QueryExecution | undefined> {
  try {
    return (await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution;
  } catch (error) {
    const fault = faultOf(error);
    if (fault?.code === DELETED_OR_OLD) return undefined;
    if (fault && isThrottled(fault)) return { QueryExecutionId: id, Status: { State: 'RUNNING' } };
    throw athenaError(error);
  }
}

async function pause(ms: number, { remainingMs, signal, sleep }: StatementRunner): Promise<void> {
  if (signal?.aborted) throw new InterruptedError('interrupted while a statement was running; it continues in Athena');
  if (remainingMs() - ms < RESERVE_MS) {
    throw new OutOfTimeError(
      'the time of this run is used up while a statement is running; the next load waits for it',
    );
  }
  await sleep(ms);
}

/** True if the execution ended too long ago for its result to count. */
function isForgotten({ Status: status }: QueryExecution, now: number): boolean {
  const ended = status?.CompletionDateTime?.getTime();
  return ended !== undefined && now - ended > FORGET_MS;
}
