import { HeldRemovalsError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { CANDIDATE, isPrint } from '../../lake/digest/fingerprint.ts';
import type { Hash64 } from '../../lake/digest/shard.ts';
import { confirmArguments, hasOtherConfirmation, readConfirmations } from '../../lake/removal-confirmation.ts';
import type { ScanProgress } from '../../lake/scan-progress.ts';
import type { HeldRemovals } from '../../lake/stream-state.ts';
import { HOUR_MS } from '../../time.ts';
import { commitIfFull, commitStream } from '../commit/commit-stream.ts';
import type { StreamSession } from '../session/session.ts';

/** A scan that shows none of this many known records, or more, is doubted. */
const LEAST_ALL = 5;
/** More removals at once than this, and than this share of the live records, are doubted. */
const MOST_REMOVED = 25;
const MOST_SHARE = 0.1;

/** Two scans prove a deletion only if they are this far apart, by schedule and by the clock. */
const PROOF_GAP_MS = HOUR_MS;

/** When a scan was made: its scheduled time and the clock, ms. */
export interface ScanTime {
  readonly at: number;
  readonly clock: number;
}

/** A full scan that has read each of its lists. */
export interface EndedScan extends ScanProgress {
  /**
   * Since when the keys are missing that it did not show, ms: when its last run began, by the clock, plus the time for which that run was
   * suspended. Otherwise a scan that another one follows at once could prove a deletion with it.
   */
  readonly missedClock: number;
}

/** True if a scan at this time proves that a key is gone which an earlier scan missed too. */
export function isProvenAt({ at, clock }: ScanTime, since: ScanTime): boolean {
  return at - since.at >= PROOF_GAP_MS && clock - since.clock >= PROOF_GAP_MS;
}

/** The scan that missed the key first; undefined if the key is no deletion candidate. */
export function missedFirst({ missingSince, missingSinceClock }: DigestEntry): ScanTime | undefined {
  return missingSince === undefined ? undefined : { at: missingSince, clock: missingSinceClock ?? missingSince };
}

/** Keys whose absence is proven, with the group of each; an empty text for none. */
export type ProvenKeys = ReadonlyMap<string, string>;

/** Removals whose digest entries are in memory at the same time. */
const REMOVED_AT_ONCE = 1000;

/** Marks records and their children deleted. */
function removeAll(session: StreamSession, keys: readonly string[]): Promise<void> {
  return eachLoaded(session, keys, (key) => session.stager.add(session.diff.remove(key)));
}

async function eachLoaded(
  session: StreamSession,
  keys: readonly string[],
  act: (key: string, entry: DigestEntry) => Promise<void>,
): Promise<void> {
  const { digest } = session;
  for (let from = 0; from < keys.length; from += REMOVED_AT_ONCE) {
    const some = keys.slice(from, from + REMOVED_AT_ONCE);
    await digest.entries.load(some);
    for (const key of some) {
      const entry = digest.entries.get(key);
      if (entry) await act(key, entry);
    }
    digest.release();
    await commitIfFull(session);
  }
}

/**
 * Marks records deleted whose absence is proven, unless there are so many of them that the vendor's list itself is in doubt: all records of
 * a partition or stream with at least 5 live ones, or more than 25 and more than a tenth of them. Such removals are held until the list
 * shows the records again, or somebody confirms that they are gone. The run that holds them first ends with exit code 4.
 */
export async function removeProven(
  session: StreamSession,
  proven: ProvenKeys,
  { startedAt, startedClock, missedClock }: Pick<EndedScan, 'startedAt' | 'startedClock' | 'missedClock'>,
): Promise<void> {
  const { progress } = session;
  const groups = heldGroups(session, proven);
  const isHeld = (key: string) => groups.has(proven.get(key) ?? '');
  const all = [...proven.keys()];
  const gone = all.filter((key) => !isHeld(key));
  for (const key of gone) countUp(session.removed, proven.get(key) ?? '');
  await removeAll(session, gone);
  const keys = all.filter(isHeld);
  const before = progress.state().held;
  const known = new Set(before && (await heldKeys(session, before)));
  // The run whose scan found them has ended with 4. Some may have been shown again since.
  if (keys.every((key) => known.has(key))) return void (await recountHeld(session));
  await eachLoaded(session, keys, async (key, { mayBeSkipped, ...entry }) => {
    if (mayBeSkipped) session.digest.set(key, entry);
  });
  const held = { scan: startedAt, clock: startedClock, count: keys.length, groups: [...groups].sort() };
  // A candidate that this scan could not judge is not held: it counts as missed first by this scan.
  await eachHeld(session, held, (key, entry) => {
    if (!proven.has(key))
      session.digest.set(key, { ...entry, missingSince: session.at, missingSinceClock: missedClock });
  });
  progress.updateState({ held });
  progress.fail(new HeldRemovalsError(describe(held, session), session.id));
}

/**
 * Carries out held removals that somebody has confirmed, at the start of a run and in a commit of their own. Without a confirmation, it
 * logs that they are held.
 */
export async function reviewHeld(session: StreamSession): Promise<void> {
  const { progress, ports, id } = session;
  const now = await recountHeld(session);
  if (!now) return;
  const confirmations = await readConfirmations(ports.store, id, now, ports.now());
  if (confirmations.length === 0) {
    const isOther = await hasOtherConfirmation(ports.store, id, ports.now());
    return session.warnOnce(`${describe(now, session)}${isOther ? OTHER_CONFIRMED : ''}`);
  }
  await removeAll(session, await heldKeys(session, now));
  progress.updateState({ held: undefined });
  await commitStream(session, 'partial');
  for (const key of confirmations) await ports.store.delete(key);
}

const OTHER_CONFIRMED =
  '. The confirmation that was given does not count, because it names another number of records or another scan: confirm again';

/** Counts the held removals that are left after a list has shown some of their records again. */
export async function recountHeld(session: StreamSession): Promise<HeldRemovals | undefined> {
  const { held: before } = session.progress.state();
  if (!before) return undefined;
  const count = (await heldKeys(session, before)).length;
  const held = count === 0 ? undefined : { ...before, count };
  session.progress.updateState({ held });
  return held;
}

/** Keys whose removal that scan held, and that no list has shown since. */
async function heldKeys(session: StreamSession, held: HeldRemovals): Promise<readonly string[]> {
  const keys: string[] = [];
  await eachHeld(session, held, (key) => void keys.push(key));
  return keys;
}

async function eachHeld(
  { digest }: StreamSession,
  { scan: at, clock, groups }: HeldRemovals,
  act: (key: string, entry: DigestEntry) => void,
): Promise<void> {
  const isHeld = (entry: DigestEntry) => {
    const isCandidate = entry.deletedAt === undefined && entry.mayBeSkipped !== true;
    const since = isCandidate ? missedFirst(entry) : undefined;
    return since !== undefined && isProvenAt({ at, clock }, since) && groups.includes(groupOf(entry));
  };
  await digest.openProbes();
  const candidates = { settled: (print: Hash64) => isPrint(print, CANDIDATE), recent: () => true };
  for await (const batch of digest.entries.batches(candidates)) {
    for (const [key, entry] of batch) if (isHeld(entry)) act(key, entry);
    digest.release();
  }
}

/**
 * Groups of which no record is marked deleted. If the stream as a whole would lose too many, these are all groups that lose any. What an
 * earlier scan of this run has removed counts too.
 */
function heldGroups({ digest, removed }: StreamSession, proven: ProvenKeys): ReadonlySet<string> {
  const losing = new Set(proven.values());
  const lost = new Map(removed);
  for (const group of proven.values()) countUp(lost, group);
  const live = new Map([...digest.counts().live].map(([group = '', count]) => [group, count]));
  if (isTooMany(sumOf(lost), sumOf(live) + sumOf(removed))) return losing;
  const wasLive = (group: string) => (live.get(group) ?? 0) + (removed.get(group) ?? 0);
  return new Set([...losing].filter((group) => isTooMany(lost.get(group) ?? 0, wasLive(group))));
}

function countUp(counts: Map<string, number>, group: string): void {
  counts.set(group, (counts.get(group) ?? 0) + 1);
}

const sumOf = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

function isTooMany(removed: number, live: number): boolean {
  return (removed >= live && live >= LEAST_ALL) || removed > Math.max(MOST_REMOVED, live * MOST_SHARE);
}

/** The group of an entry; an empty text for none. */
export const groupOf = ({ group = '' }: DigestEntry) => group;

function describe({ count, scan }: HeldRemovals, { id }: StreamSession): string {
  return (
    `${count} records are missing from two complete scans, the last one of ${new Date(scan).toISOString()}; they are kept, ` +
    'because a list that loses so many at once may be wrong. If they are gone, run: ' +
    `callhouse ${confirmArguments(id)}`
  );
}
