import * as z from 'zod';
import { YEAR_1_MS } from '../time.ts';
import { scanProgress } from './scan-progress.ts';

const ms = z.number().int();

/** Where an incremental read that was cut continues. */
const resumePoint = z.object({
  kind: z.enum(['window', 'newest']),
  partition: z.string(),
  /** The next page to request. */
  page: z.number().int(),
  /** Token of the page before, the last one taken, if the list has tokens. */
  token: z.string().optional(),
  /** Scheduled time of the run that was cut: of the last one that took a page, if it was cut in several. */
  since: ms.optional(),
  /** The next run reads back to this instant at least, ms. Early lakes may have a fraction, or an instant long before any record. */
  from: z
    .number()
    .transform((from) => Math.max(YEAR_1_MS, Math.floor(from)))
    .optional(),
});
export type ResumePoint = z.infer<typeof resumePoint>;

/** Removals that wait for a confirmation, because they are so many. */
const heldRemovals = z.object({
  /** Scheduled time of the scan that proved them, and the clock then. */
  scan: ms,
  clock: ms,
  count: z.number().int(),
  /** Groups (or partitions) that the records belong to; an empty text for none. */
  groups: z.array(z.string()),
});
export type HeldRemovals = z.infer<typeof heldRemovals>;

/** Words of one column that the vendor does not document. */
const wordCounts = z.object({
  /** Words that enough records have shown, so that `callhouse` shows them. */
  earned: z.array(z.string()),
  /** Keyed hashes of other words, and of the keys of the records that have shown each. */
  pending: z.record(z.string(), z.array(z.string())),
});
export type WordCounts = z.infer<typeof wordCounts>;

/** Which records changed, for the streams that have a partition for each. */
const changedNames = z.object({
  /** Number of the commit after which every change is in one of the objects. */
  after: z.number().int(),
  /** Keys of objects with names of changed records, oldest first. */
  keys: z.array(z.string()),
  /** Load id of the commit that was the first to keep names: a log that was begun again has another one. Lakes of earlier versions have none. */
  log: z.string().optional(),
});
export type ChangedNames = z.infer<typeof changedNames>;

/** What a commit holds as `state`. */
export const streamState = z.object({
  /** Number of the log's first commit. Logs that an earlier version began have none. */
  began: z.number().int().positive().optional(),
  /** Name of the request variant that worked last time. */
  variant: z.string().optional(),
  /** Records per page to request at most, because the vendor has refused more. */
  mostPerPage: z.number().int().positive().optional(),
  /** Days of figures to request at most, because the vendor has refused more. */
  mostDays: z.number().int().positive().optional(),
  /** Field by which the vendor's list was verified to be newest first, or `none`. */
  order: z.string().optional(),
  /** Scheduled time at which the last full scan ended, and the time from which the next one is due. */
  sweptAt: ms.optional(),
  sweepDueAt: ms.optional(),
  /** The next full scan begins no earlier, also if the setting `sweepEvery` is shorter by then. */
  sweepRestsUntil: ms.optional(),
  scan: scanProgress.optional(),
  /** A full scan had no time in the last run, so it is read first in the next one. */
  scanWaits: z.literal(true).optional(),
  /** Keys that the last full scan did not show, and that share their instant with records at a page's edge, so that it proves nothing about them. */
  tied: z.number().int().optional(),
  /** Lists that the vendor did not have (404) at the last full scan, the first hundred. */
  missingLists: z.array(z.string()).optional(),
  /** Of a list that the vendor filters by time, with declared partitions: those that were read to their end. Lakes of earlier versions have none. */
  readLists: z.array(z.string()).optional(),
  /** Partitions that only full scans read: those that the last one had. Lakes of earlier versions have none. */
  scanOnly: z.array(z.string()).optional(),
  /** First day of history at the last full scan, days since the epoch; earlier records were left out. */
  keptFrom: z.number().int().optional(),
  /** Records that the last consistent scan of each partition left out, because they began before history does; see `surplus`. */
  leftOut: z.record(z.string(), z.number().int()).optional(),
  /**
   * By list, how many more records the vendor counted than were known, after the list was last read to its end: records without a key,
   * erased ones, and those that belong to another list. docs/architecture.md (*Numbers beside the total*) compares it with `leftOut`, and
   * with `leastSurplus`, `lacking` and `whole.uncounted` of a full scan.
   */
  surplus: z.record(z.string(), z.number().int()).optional(),
  /** Scheduled time at which each tier was last read, by how far back the tier reaches (`6h`). */
  tiers: z.record(z.string(), ms).default({}),
  resume: resumePoint.optional(),
  /** By place (partition and page) at which an earlier run was cut: how many runs the vendor has failed there. */
  stuckAt: z.record(z.string(), z.number().int()).optional(),
  /** Keys of opted-out records whose earlier raw and staged copies still hold sensitive values. */
  redact: z.array(z.string().transform((key) => key.toWellFormed())).default([]),
  /** Key of the last raw or staged copy that was looked at, if time ran out before all were. */
  redactedTo: z.string().optional(),
  /** A record was seen that is in no window of the vendor's filter on time. */
  hasOutsideWindows: z.boolean().optional(),
  held: heldRemovals.optional(),
  /** By column, `<table>.<column>`. */
  words: z.record(z.string(), wordCounts).optional(),
  /**
   * Texts that `callhouse` does not show, by column: as many as the last full scan saw, or a later run if that saw more. They are counted
   * anew from the run on in which a word of the column was earned, or the setting `safeValues` changed.
   */
  hidden: z.record(z.string(), z.number().int()).optional(),
  /** Identifies the setting `safeValues` of the last run. Lakes of versions before it have none. */
  named: z.string().optional(),
  /** Scheduled time of the last run that began to show or hide a text: what was read by then is read again. */
  rereadAt: ms.optional(),
  /** Scheduled time of the run that began the last full scan. */
  sweepBegan: ms.optional(),
  /** Partitions whose last read failed, the latest ones; they are read after the others. */
  failed: z.array(z.string()).optional(),
  /** Scheduled time of the last read of a per-parent stream. */
  ranAt: ms.optional(),
  changed: changedNames.optional(),
  /** By field of the answers that belong to one record: how many have named the requested record there, up to three. */
  namedBy: z.record(z.string(), z.number().int()).optional(),
  /** Keys of the objects that together say when each partition is due, oldest first. */
  agenda: z.array(z.string()).optional(),
});

/** What a stream keeps from run to run besides its digest. */
export type StreamState = z.infer<typeof streamState>;

/** Fields that name shards of the digest, or objects made from it. */
type Derived = 'changed' | 'agenda' | 'scan';

/** A state whose digest was written anew: what was derived from the earlier one is made again, and a full scan begins again. */
export function withoutDerived<S extends Partial<Record<Derived, unknown>>>(state: S): Omit<S, Derived> {
  const { changed: _names, agenda: _keys, scan: _scan, ...rest } = state;
  return rest;
}
