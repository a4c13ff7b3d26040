import { concludeScan } from '../../functions/extract/changes/conclude-scan.ts';
import type { EndedScan } from '../../functions/extract/changes/hold-removals.ts';
import type { DigestEntry } from '../../functions/lake/digest/digest-entry.ts';
import { SHOWN } from '../../functions/lake/digest/scan-notes.ts';
import type { Proof } from '../../functions/lake/scan-progress.ts';
import type { StreamState } from '../../functions/lake/stream-state.ts';
import { WHOLE_STREAM } from '../../functions/source/page.ts';
import { type UnitOptions, unitSession } from './session.ts';

/** What reading a list has shown. */
export const outcome = (keys: readonly string[], partition = WHOLE_STREAM) => ({ partition, keys });
export const entry = (more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash: 'h',
  partOn: 1,
  firstSeenAt: 1,
  ...more,
});

/** Concludes a full scan that showed `shown`, over these entries. */
export async function conclude(
  entries: Readonly<Record<string, DigestEntry>>,
  {
    outcomes = [outcome([])],
    done,
    scan: progress = {},
    state = {},
    ...options
  }: UnitOptions & {
    readonly outcomes?: readonly ReturnType<typeof outcome>[];
    /** What each list proves. @default all that were read prove everything */
    readonly done?: Readonly<Record<string, Proof>>;
    /** What else is known of the scan. @default it was begun in this run */
    readonly scan?: Partial<EndedScan>;
    readonly state?: Partial<StreamState>;
  } = {},
) {
  const { session, client } = await unitSession(options);
  for (const [key, value] of Object.entries(entries)) session.digest.set(key, value);
  session.progress.updateState(state);
  await session.digest.scan.begin();
  for (const { keys } of outcomes) for (const key of keys) session.digest.scan.show(key, SHOWN);
  const scan = {
    ...{ startedAt: session.at, startedClock: session.clock(), ranAt: session.at, tookMs: 0, share: 1 },
    missedClock: session.startedClock,
    ...{ failed: [], falls: {}, unsorted: [], leastSurplus: {} },
    done: done ?? Object.fromEntries(outcomes.map(({ partition }) => [partition.id, 'all' as const])),
    ...progress,
  };
  const plan = { kind: 'sweep' as const, partitions: outcomes.map(({ partition }) => partition), tiers: [] };
  await concludeScan(session, scan, { plan, order: 'none', isLacking: false });
  const isShown = (key: string) => outcomes.some(({ keys }) => keys.includes(key));
  const candidates = [...session.digest.entries.recent].filter(
    ([key, { missingSince, deletedAt }]) => missingSince !== undefined && deletedAt === undefined && !isShown(key),
  ).length;
  const staged = await session.stager.flush();
  const ended = session.progress.state();
  return {
    candidates,
    asked: client.asked,
    entries: Object.fromEntries(session.digest.entries.recent),
    deletes: staged[0]?.deletes ?? 0,
    ended,
  };
}
