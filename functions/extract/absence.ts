import { HOUR_MS } from '../time.ts';
import type { Run } from './run.ts';

/** Two scans prove a removal only if they lie this far apart. */
export const PROOF_GAP_MS = HOUR_MS;

/** What one sweep showed. */
export interface Sweep {
  readonly keys: ReadonlySet<string>;
  /** Lists that were walked completely; a key of another list proves nothing by its absence. */
  readonly lists: ReadonlySet<string>;
}

/** Start of the history that a sweep of this run covers; undefined where it covers all the vendor lists. */
export function sweepFrom({ stream, historyDay }: Run): number | undefined {
  return stream.plan === 'listing' && stream.filters ? historyDay : undefined;
}

/**
 * Draws what a clean sweep proves: a key it did not show becomes a suspect, a suspect of an earlier run is marked removed.
 * @returns how many suspects are left to be confirmed
 */
export async function markAbsent(run: Run, { keys, lists }: Sweep): Promise<number> {
  const { digest, diff, at, stream } = run;
  const from = sweepFrom(run);
  const grouped = stream.lists !== undefined && stream.plan === 'listing' && stream.mayVanish === true;
  let suspects = 0;
  for (const [key, entry] of [...digest.entries]) {
    if (entry.d !== undefined || keys.has(key) || entry.w !== from) continue;
    if (grouped && !lists.has(entry.g ?? '')) continue;
    if (entry.s === undefined) digest.set(key, { ...entry, s: at });
    if (entry.s !== undefined && at - entry.s >= PROOF_GAP_MS) await diff.remove(key);
    else suspects += 1;
  }
  return suspects;
}
