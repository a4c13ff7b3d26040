import type { Window } from '../../source/page.ts';
import { DAY_MS } from '../../time.ts';
import { beganAt } from '../pages/outside-window.ts';
import type { PartitionOutcome } from '../pages/read-guide.ts';
import type { StreamSession } from '../session/session.ts';

/** Fewer records than this may all have been removed. */
const FEWEST = 5;

/** Warns if a window shows nothing although several known records began well inside it: new ones may be hidden too. */
export function warnIfEmpty(
  { stream, digest, at, warnOnce }: StreamSession,
  { from, to }: Window,
  { partition: { id }, keys, scan }: PartitionOutcome,
): void {
  const [first, last] = [from.getTime() + DAY_MS, (to?.getTime() ?? at) - DAY_MS];
  if (!stream.window || !scan || keys.size > 0 || first > last) return;
  let known = 0;
  for (const entry of digest.entries.recent.values()) {
    const { at: began = Number.NaN } = beganAt(stream, entry) ?? {};
    const isOwn = entry.group === undefined || entry.group === id;
    if (isOwn && entry.deletedAt === undefined && began >= first && began <= last) known += 1;
  }
  if (known < FEWEST) return;
  warnOnce(
    `${stream.path}: a window shows no record, and ${known} are known that began in it; new ones may be found by the next full scan only. ` +
      `If they were not removed, correct window.as, which is '${stream.window.as}', or from and to in ask`,
  );
}
