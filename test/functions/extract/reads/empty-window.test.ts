import { describe, expect, test } from 'vitest';
import type { PartitionOutcome } from '../../../../functions/extract/pages/read-guide.ts';
import { warnIfEmpty } from '../../../../functions/extract/reads/empty-window.ts';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { UNIT_AT as AT, unitPartition, unitSession } from '../../../helpers/session.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const FROM = AT - 10 * DAY_MS;

/** Whether a window from ten days ago that shows these keys is warned of, where these records are known. */
async function isWarnedOf(
  entries: readonly Partial<DigestEntry>[],
  { keys = [], isRead = true, from = FROM, to, hasWindow = true }: Given = {},
): Promise<boolean> {
  const { session, ports } = await unitSession({ stream: hasWindow ? { window: { by: 'at', as: 'iso' } } : {} });
  for (const [n, entry] of entries.entries()) session.digest.set(`k${n}`, digestEntry('h', entry));
  const outcome = { partition: unitPartition('x'), keys: new Set(keys), ...(isRead && { scan: {} }) };
  const window = { from: new Date(from), ...(to !== undefined && { to: new Date(to) }) };
  warnIfEmpty(session, window, outcome as unknown as PartitionOutcome);
  return JSON.stringify(ports.lines).includes('a window shows no record, and');
}

interface Given {
  readonly keys?: readonly string[];
  readonly isRead?: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly hasWindow?: boolean;
}

const known = (count: number, more: Partial<DigestEntry> = {}): Partial<DigestEntry>[] =>
  Array.from({ length: count }, () => ({ sortedAt: AT - 5 * DAY_MS, ...more }));
const UNKNOWN = Array.from({ length: 5 }, () => ({}));

describe('a window that shows nothing is doubtful', () => {
  test.each<{ says: string; entries: readonly Partial<DigestEntry>[]; given?: Given; isDoubtful: boolean }>([
    { says: 'if five records are known that began in it', entries: known(5), isDoubtful: true },
    { says: 'not if four are', entries: known(4), isDoubtful: false },
    { says: 'not if they are marked deleted', entries: known(5, { deletedAt: 1 }), isDoubtful: false },
    { says: 'if they are of its list', entries: known(5, { group: 'x' }), isDoubtful: true },
    { says: 'not if they are of another list', entries: known(5, { group: 'y' }), isDoubtful: false },
    {
      says: 'if they began a day after its beginning',
      entries: known(5, { sortedAt: FROM + DAY_MS }),
      isDoubtful: true,
    },
    { says: 'not if less', entries: known(5, { sortedAt: FROM + DAY_MS - 1 }), isDoubtful: false },
    { says: 'if they began a day before the run', entries: known(5, { sortedAt: AT - DAY_MS }), isDoubtful: true },
    { says: 'not if less than that', entries: known(5, { sortedAt: AT - DAY_MS + 1 }), isDoubtful: false },
    { says: 'not if they began after it', entries: known(5), given: { to: AT - 5 * DAY_MS }, isDoubtful: false },
    {
      says: 'if it is two days long',
      entries: known(5),
      given: { from: AT - 6 * DAY_MS, to: AT - 4 * DAY_MS },
      isDoubtful: true,
    },
    { says: 'not if nobody knows when they began', entries: UNKNOWN, isDoubtful: false },
    { says: 'not if it shows one', entries: known(5), given: { keys: ['k'] }, isDoubtful: false },
    { says: 'not if it was not read', entries: known(5), given: { isRead: false }, isDoubtful: false },
    { says: 'not where the vendor has no windows', entries: known(5), given: { hasWindow: false }, isDoubtful: false },
  ])('$says', async ({ entries, given, isDoubtful }) => {
    expect(await isWarnedOf(entries, given)).toBe(isDoubtful);
  });
});
