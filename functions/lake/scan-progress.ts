import * as z from 'zod';

const ms = z.number().int();

/**
 * What a list that a full scan has read says about the keys that it did not show. `all`: they are gone; `untied`: so are those that
 * do not share their instant with the records at a page's edge; `inside`: so are those that would be strictly inside a page;
 * `uncounted`: so are these, and others if a third scan does not show them either; `unordered`: all are, if a third scan does not;
 * `nothing`: they may be there; `missing`: the vendor has no such list (404).
 */
export const proof = z.enum(['all', 'untied', 'uncounted', 'unordered', 'inside', 'nothing', 'missing']);
export type Proof = z.infer<typeof proof>;

/** Where a full scan continues, in the list that it reads now. */
const scanPosition = z.object({
  partition: z.string(),
  /** The next page to request, and the records per page by which it is counted. */
  page: z.number().int(),
  size: z.number().int(),
  /** Token of the page before, the last one taken, if the list has tokens; of the next page if `isHeldUp`. */
  token: z.string().optional(),
  /** The window that is read, if the vendor limits windows, ms. */
  window: z.object({ from: ms, to: ms.optional() }).optional(),
  /** The vendor's total on the last page taken, if it gives one. */
  total: z.number().optional(),
  /** That total has changed since the list's first page. */
  hasMoved: z.literal(true).optional(),
  /** Records may have been skipped between two pages. */
  hasGap: z.literal(true).optional(),
  /** The total fell where records may have been skipped: the list may have more records than it has shown. */
  mayLack: z.literal(true).optional(),
  /** A page had fewer or more records than the places of its neighbours leave for it. */
  isUneven: z.literal(true).optional(),
  /** A record had no key. */
  hasUnknown: z.literal(true).optional(),
  /** No record of the last page taken is stored: all began before history does, or were erased. */
  endsOutside: z.literal(true).optional(),
  /** The list proves nothing, because an earlier window of it contradicted itself, or this one was cut twice. */
  isUnclean: z.literal(true).optional(),
  /**
   * For a list that is read in windows because the vendor limits what one query shows: the vendor's count of the complete list, and how
   * many records the windows have shown that the digest does not have (without a key, erased, or before history).
   */
  whole: z.object({ total: z.number().optional(), uncounted: z.number().int() }).optional(),
  /** The window was cut once, and is read from its first page. */
  isAgain: z.literal(true).optional(),
  /** The last run only had time to read again the page before the next one. */
  isHeldUp: z.literal(true).optional(),
});
export type ScanPosition = z.infer<typeof scanPosition>;

/** A full scan in progress; it may take several runs. What it has shown is in the object that `notes` names. */
export const scanProgress = z.object({
  /** Scheduled time and clock of the run that began it. */
  startedAt: ms,
  startedClock: ms,
  /**
   * Scheduled time of the last run that read it; and how long it has taken, ms: at most an hour of the time between two runs counts, and
   * a quarter of an hour of that between two pages.
   */
  ranAt: ms,
  tookMs: ms.default(0),
  position: scanPosition.optional(),
  /** Lists that were read, with what each of them proves. */
  done: z.record(z.string(), proof).default({}),
  /** Lists that could not be read. A later run tries them again, once. */
  failed: z.array(z.string()).default([]),
  /** Fields by which some list was not newest first; and, by field, how many records were older than the one before. */
  unsorted: z.array(z.string()).default([]),
  falls: z.record(z.string(), z.number()).default({}),
  /** The stream's `order` field that its lists were known to be sorted by when it began. */
  sortedBy: z.number().int().optional(),
  /** How much of it is done, 0 to 1, as near as that is known. */
  share: z.number().default(0),
  /** The latest start of history that the parts of this full scan had; see `keptFrom` of the state. */
  keptFrom: z.number().int().optional(),
  /** Records that the vendor counts in lists that were read in parts, and that are not known; see `surplus` of the state. */
  lacking: z.number().int().optional(),
  /** The vendor's total of a list without the records of it that are known: the least since its first page, by list. */
  leastSurplus: z.record(z.string(), z.number().int()).default({}),
  /** A list that was read may have more records than it has shown. */
  mayLack: z.literal(true).optional(),
  /** It repeats the first full scan, which may have skipped records: no run is complete until it ends. */
  repeatsFirst: z.literal(true).optional(),
  /** An earlier run has read its last list, and had no time to ask about the records that it did not show. */
  hasWaited: z.literal(true).optional(),
  notes: z.string().optional(),
});
export type ScanProgress = z.infer<typeof scanProgress>;
