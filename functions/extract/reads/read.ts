import { columnIndex } from '../../../schemas/layout.ts';
import {
  type CallhouseError,
  ContractError,
  CredentialsError,
  OutOfTimeError,
  type ShortListError,
  SourceUnavailableError,
} from '../../errors.ts';
import type { StreamProgress } from '../../results.ts';
import type { PageRequest, Partition, Window } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { Changes } from '../changes/diff.ts';
import type { PartitionOutcome, ReadGuide, ReadStart, ScanPage } from '../pages/read-guide.ts';
import type { PartitionScan } from '../pages/scan.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { allMissing, FEWEST_MISSING } from './all-missing.ts';

/** A planned read while it is carried out. */
export interface Read extends ReadGuide {
  readonly sightings: Sightings;
  /** Called before anything is requested. */
  begin(): Promise<void>;
  /** Partitions whose records may belong to a group; those of a full scan that an earlier run has read are among them. */
  partitionsOf(group: string): readonly string[];
  /** False for a row that the read is not about. @param values of the row */
  keeps?(values: readonly unknown[], partition: Partition): boolean;
  /** Notes what a page changed. An incremental read ends the partition here if nothing new is expected below. */
  advance(page: ScanPage, changes: Changes): void;
  /** True during a full scan that was consistent so far: keys it does not contain may be gone. */
  provesAbsence(): boolean;
  /** Called once all partitions are read or the read has stopped: notes how far it came, and what a full scan proves. */
  conclude(): Promise<void>;
  readonly hasFailed: () => boolean;
  /** True if no other read of the stream should follow. One failed list of several does not keep a full scan waiting. */
  readonly endsStream: () => boolean;
}

/** What differs between the kinds of reads. */
export interface ReadStrategy {
  readonly isConcurrent?: boolean;
  /** @default {@link failureBudget} */
  readonly budget?: FailureBudget;
  /** @default all partitions of the plan */
  readonly partitions?: readonly Partition[];
  readonly windowOf?: (partition: Partition) => Window | undefined;
  readonly startOf?: (partition: Partition) => ReadStart | undefined;
  readonly seamsOf?: ReadGuide['seamsOf'];
  readonly windowDone?: ReadGuide['windowDone'];
  readonly begin?: () => Promise<void>;
  readonly keeps?: Read['keeps'];
  readonly requesting?: (request: PageRequest, scan: PartitionScan) => void;
  readonly advance?: (page: ScanPage, changes: Changes) => void;
  /** Called for each partition that was read, also for one that failed or does not exist. */
  readonly partitionDone: (outcome: PartitionOutcome) => Promise<void> | void;
  readonly provesAbsence?: () => boolean;
  /** Called once if no partition stopped the read. @param failed some partition failed */
  readonly conclude: (failed: boolean) => Promise<void> | void;
  /** True for a failure that only says that a later run continues what needs several. @default none */
  readonly isPause?: (failure: CallhouseError) => boolean;
}

/** Makes a read from its plan and the strategy of its kind. */
export function newRead(session: StreamSession, plan: PlannedRead, strategy: ReadStrategy): Read {
  const { progress } = session;
  // A single list that is refused says that the credentials are wrong; but lists per parent come after the parents, which were shown.
  const hasOthers = plan.partitions.length > 1 || FAILED_LAST.has(plan.kind);
  const { budget = failureBudget(hasOthers ? MOST_REFUSED : 1) } = strategy;
  const shortLists: ShortListError[] = [];
  // An incremental read that is cut in each run begins with the same records each time. A full scan continues where it was cut.
  const wasCut = INCREMENTAL.has(plan.kind) && !plan.backfill && progress.state().resume !== undefined;
  const needsScan = wasCut || plan.isOfNewLists === true;
  let isStopped = false;
  let [found, missing] = [0, 0];
  return {
    kind: plan.kind,
    partitions: strategy.partitions ?? plan.partitions,
    isConcurrent: strategy.isConcurrent ?? false,
    sightings: newSightings(),
    windowOf: strategy.windowOf ?? (() => plan.window),
    startOf: (partition) => strategy.startOf?.(partition),
    ...(strategy.seamsOf && { seamsOf: strategy.seamsOf }),
    windowDone: (part) => strategy.windowDone?.(part),
    begin: async () => strategy.begin?.(),
    partitionsOf: (group) => partitionsOf(session.stream, plan.partitions, group),
    ...(strategy.keeps && { keeps: strategy.keeps }),
    requesting: (request, scan) => strategy.requesting?.(request, scan),
    advance(page, changes) {
      noteOutsideWindows(session, changes);
      strategy.advance?.(page, changes);
    },
    provesAbsence: () => strategy.provesAbsence?.() ?? false,
    hasFailed: () => budget.failure() !== undefined,
    endsStream: () => isStopped || (budget.failure() !== undefined && plan.kind === 'days'),
    async partitionDone(outcome) {
      if (FAILED_LAST.has(plan.kind)) noteFailed(progress, outcome);
      if (outcome.shortList) shortLists.push(outcome.shortList);
      if (outcome.failure) isStopped = !budget.spend(outcome.failure);
      else if (outcome.scan) found += 1;
      else missing += 1;
      if (!outcome.failure) budget.pass?.();
      if (!isStopped) await strategy.partitionDone(outcome);
      return !isStopped;
    },
    async conclude() {
      const fewest = session.stream.kind === 'collection' ? 1 : FEWEST_MISSING;
      const isMissing = found === 0 && missing >= fewest;
      const failure = budget.failure() ?? (isMissing ? allMissing(session, missing) : undefined);
      if (!isStopped) await strategy.conclude(failure !== undefined);
      const isPaused = failure !== undefined && strategy.isPause?.(failure);
      if (isPaused) session.ports.log('info', failure.message, { ...session.id });
      else if (failure) progress.fail(failure);
      if (failure && needsScan && failure instanceof OutOfTimeError) progress.updateState({ sweepDueAt: session.at });
      if (!failure) markTiers(session, plan);
      // The first failure decides how the run ends, so the one that ended the read is reported before these.
      for (const error of shortLists) progress.fail(error);
    },
  };
}

/** Reads whose plan puts partitions that failed last. Details note failures in cursors; other reads continue where they were cut. */
const FAILED_LAST: ReadonlySet<PlannedRead['kind']> = new Set(['parents', 'days']);
const INCREMENTAL: ReadonlySet<PlannedRead['kind']> = new Set(['newest', 'window']);
/** Most partitions that are remembered as failed. */
const MOST_FAILED = 100;

/** Notes in the state whether the last read of a partition failed. */
function noteFailed(progress: StreamProgress, { partition: { id }, failure }: PartitionOutcome): void {
  const { failed = [] } = progress.state();
  const isFailed = isOfOneList(failure);
  if (isFailed === failed.includes(id)) return;
  const others = failed.filter((other) => other !== id);
  progress.updateState({ failed: isFailed ? [...others, id].slice(-MOST_FAILED) : others });
}

/** Notes that a record has no instant in the column that the vendor filters by: it is in no window, so windows cannot prove it gone. */
function noteOutsideWindows({ stream, progress }: StreamSession, { rows }: Changes): void {
  const { kind, window, tables } = stream;
  if (kind !== 'collection' || !window || progress.state().hasOutsideWindows) return;
  const place = columnIndex(tables[0])(window.by);
  const isOutside = rows.some(({ table, values }) => table === tables[0] && values[place] === null);
  if (isOutside) progress.updateState({ hasOutsideWindows: true });
}

function markTiers({ progress, at }: StreamSession, { tiers }: PlannedRead): void {
  const read = Object.fromEntries(tiers.map((back) => [back, at]));
  progress.updateState({ tiers: { ...progress.state().tiers, ...read } });
}

/** The partitions that list the records of a group. */
function partitionsOf(stream: Stream, partitions: readonly Partition[], group: string): readonly string[] {
  const isListedIn = stream.kind === 'collection' ? stream.isListedIn : undefined;
  return partitions.map(({ id }) => id).filter((id) => id === group || isListedIn?.(group, id) === true);
}

/** Which partitions showed a key in this read. */
export interface Sightings {
  of(key: string): readonly string[];
  add(key: string, partition: string): void;
}

function newSightings(): Sightings {
  // Most keys are in one partition only: a text needs less memory than a list.
  const seen = new Map<string, string | readonly string[]>();
  return {
    of: (key) => [seen.get(key) ?? []].flat(),
    add(key, partition) {
      const before = seen.get(key);
      if (before === undefined) seen.set(key, partition);
      else if (![before].flat().includes(partition)) seen.set(key, [...[before].flat(), partition]);
    },
  };
}

/** With this many failed partitions the vendor itself is in trouble, and a read stops. */
const MOST_FAILURES = 3;
/** The read stops when the vendor refuses the credentials for so many partitions in a row. One alone may be closed to valid credentials. */
export const MOST_REFUSED = 2;

/** Lets a read continue when single partitions fail. */
export interface FailureBudget {
  /** Notes a failed partition. @returns true if the other partitions should still be read */
  spend(failure: CallhouseError): boolean;
  /** Notes a partition that was read. */
  pass?(): void;
  /** The failure to report: the one that stopped the read, else the first. */
  readonly failure: () => CallhouseError | undefined;
}

/**
 * A budget of two failed partitions per read. A failure that concerns all partitions stops the read at once.
 * @param mostRefused partitions in a row for which the vendor must refuse the credentials before that concerns all of them @default 1
 */
export function failureBudget(mostRefused = 1): FailureBudget {
  const failures: CallhouseError[] = [];
  let fatal: CallhouseError | undefined;
  let refusedInRow = 0;
  return {
    spend(failure) {
      failures.push(failure);
      if (failure instanceof CredentialsError) refusedInRow += 1;
      if (!isOfOneList(failure) || refusedInRow >= mostRefused) fatal = failure;
      return fatal === undefined && failures.length < MOST_FAILURES;
    },
    pass() {
      refusedInRow = 0;
    },
    failure() {
      const error = fatal ?? failures[0];
      if (error === fatal || !(error instanceof CredentialsError)) return error;
      return new ContractError(`${error.reason}. It may concern one of the lists alone`, error.context);
    },
  };
}

const OF_ONE_LIST = [SourceUnavailableError, ContractError, CredentialsError];
const isOfOneList = (failure?: CallhouseError) => OF_ONE_LIST.some((kind) => failure instanceof kind);

/** How many more records the vendor counted than were known, when the list was last read to its end. */
export function surplusOf({ progress }: StreamSession, { id }: Partition): number {
  return progress.state().surplus?.[id] ?? 0;
}

/** True if a list was read from its first page to its end and showed as many records, with a key or without, as the vendor counts. */
export function hasShownAll({ isComplete, total, totalChanged, keys, uncounted }: PartitionScan): boolean {
  const counted = total();
  return counted !== undefined && isComplete() && !totalChanged() && keys.size + uncounted() >= counted;
}

/** Notes how many more records the vendor counts than are known, at the end of a list, so that no later run looks for them. */
export function noteSurplus(
  session: StreamSession,
  partition: Partition,
  { total }: Pick<PartitionScan, 'total'>,
): void {
  const counted = total();
  if (counted === undefined || partition.sweepOnly) return;
  const { [partition.id]: before = 0, ...others } = session.progress.state().surplus ?? {};
  const surplus = Math.max(0, counted - session.liveIn(partition));
  if (surplus === before) return;
  session.progress.updateState({ surplus: surplus === 0 ? others : { ...others, [partition.id]: surplus } });
}

/** The vendor's count of several partitions; null if it gives none. */
export function sumOfTotals(totals: readonly (number | undefined)[]): number | null {
  const known = totals.filter((total) => total !== undefined);
  return known.length === 0 ? null : known.reduce((sum, total) => sum + total, 0);
}
