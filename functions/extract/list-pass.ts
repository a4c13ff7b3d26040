import { DAY_MS, dayOf } from '../time.ts';
import type { Pass } from './plan.ts';
import type { Run } from './run.ts';
import { eachOf } from './tolerate.ts';
import type { Claims } from './walk.ts';
import { walkUntilMet } from './walk-until-met.ts';

/** Reads each list from the day before the last record seen of it. Lists are independent, so a few are asked at once. */
export async function readByCursor(
  run: Run,
  { lists, backfill }: Pass,
  parents: ReadonlyMap<string, { readonly h: string }>,
): Promise<void> {
  const claims: Claims = new Map();
  await eachOf(lists, async (list) => {
    const cursor = run.digest.cursors.get(list.id);
    const window = cursor?.d === undefined || backfill ? undefined : { from: new Date((cursor.d - 1) * DAY_MS) };
    const outcome = await walkUntilMet(run, { list, kind: 'cursors', window, claims, sweep: false });
    // A list that came up short is read again from where it was read before.
    if (backfill || outcome?.short) return;
    const newest = outcome ? newestDay(run, outcome.keys) : undefined;
    const d = Math.max(newest ?? Number.NEGATIVE_INFINITY, cursor?.d ?? Number.NEGATIVE_INFINITY);
    const v = parents.get(list.id)?.h;
    await run.serially(async () =>
      run.digest.setCursor(list.id, {
        r: run.at,
        ...(Number.isFinite(d) ? { d } : {}),
        ...(v === undefined ? {} : { v }),
      }),
    );
  });
  if (!backfill) run.progress.state = { ...run.progress.state, ranAt: run.at };
}

/** Day of the newest record shown; one dated after this run must not push the next read past what is still to come. */
function newestDay({ digest, at }: Run, keys: ReadonlySet<string>): number | undefined {
  let newest: number | undefined;
  for (const key of keys)
    newest = Math.max(newest ?? Number.NEGATIVE_INFINITY, digest.entries.get(key)?.p ?? Number.NEGATIVE_INFINITY);
  return newest === undefined ? undefined : Math.min(newest, dayOf(at));
}

/** Reads the figures of a range of days for each list. */
export async function readDays(run: Run, { lists, window, backfill }: Pass): Promise<void> {
  const claims: Claims = new Map();
  // History is read range by range; a list counts as read once the last of them is through.
  const last = !backfill && (window?.to?.getTime() ?? run.at) >= run.at;
  await eachOf(lists, async (list) => {
    await walkUntilMet(run, { list, kind: 'days', window, claims, sweep: false });
    if (last) await run.serially(async () => run.digest.setCursor(list.id, { r: run.at }));
  });
}
