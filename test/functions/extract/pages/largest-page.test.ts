import { describe, expect, test } from 'vitest';
import { readScan } from '../../../../functions/extract/reads/read-scan.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { carryOut, cutScan } from '../../../helpers/carry-out.ts';
import { entry } from '../../../helpers/read-one.ts';
import { unitRecord } from '../../../helpers/session.ts';

const ALL = Array.from({ length: 12 }, (_, n) => unitRecord(`k${n}`, n));
const sweep = { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [] } as const;

/** A vendor that gives at most `most` records per page; the answer to request `cutAt` does not come. */
async function scan(most: number, cutAt = 99, options: Parameters<typeof carryOut>[2] = {}) {
  const sizes: string[] = [];
  const read = await carryOut(readScan, sweep, {
    ...options,
    stream: {
      pageSize: 2,
      largestPage: 4,
      ask: ({ page, size }) => ({ query: { page, partition: `of ${size}` } }),
    },
    answer: ({ page, partition }) => {
      sizes.push(`${page} ${partition}`);
      if (sizes.length === cutAt) return new Error('killed');
      const size = Math.min(most, Number(partition.slice(3)));
      const records = ALL.slice((page - 1) * size, page * size);
      return { records, more: page * size < ALL.length, total: ALL.length };
    },
  }).catch(() => undefined);
  return { sizes, read };
}

describe('a full scan', () => {
  test('requests the largest pages', async () => {
    const { sizes, read } = await scan(100);
    expect(sizes).toEqual(['1 of 4', '2 of 4', '3 of 4']);
    expect(read?.digest.entries.recent.size).toBe(12);
  });

  test('that was cut continues where it was, in pages of the same size', async () => {
    const { read } = await scan(100);
    expect(read?.positions[4]).toMatchObject({ page: 3, size: 4 });
    const keys = ALL.slice(0, 8).map(({ id }) => id);
    const known = Object.fromEntries(keys.map((id) => [id, entry()]));
    const cut = cutScan({ position: { partition: 'all', page: 3, size: 4 } });
    const again = await scan(100, 99, { known, walked: keys, state: { scan: cut } });
    expect(again.sizes).toEqual(['2 of 4', '3 of 4', '4 of 4']);
  });

  test.each([2, 3])('of a vendor that gives %d records at most counts its pages as they come', async (most) => {
    const { read } = await scan(most);
    expect(read?.digest.entries.recent.size).toBe(12);
    expect(read?.positions.map((position) => position?.page).slice(0, 5)).toEqual([1, 2, 2, 3, 3]);
  });
});
