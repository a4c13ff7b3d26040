import { describe, expect, test } from 'vitest';
import { OutOfTimeError } from '../../../../functions/errors.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';
import { unitPartition, unitRecord, unitTable } from '../../../helpers/session.ts';

const TOO_LOW =
  '/calls: the list has 3 records, and its total is 2; no full scan finds removals while the total is too low. If the vendor does not count exactly, leave total out of the declaration, else ask the vendor';
const KEYLESS =
  '/calls: the list has records without a key, or one twice on a page and fewer than its total; a record that is missing may be hidden by them, so that not each removal is found. They are counted in the table rejects; ask the vendor about them';

/** Warnings of a read. */
async function warnings(...args: Parameters<typeof readOne>): Promise<string[]> {
  const { ports } = await readOne(...args);
  return ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
}

const two = answer(['a', 'b'], { total: 2, more: true });
const third = answer(['c'], { total: 2, more: false });
const keyless = { records: [unitRecord('a'), { at: 'x' }], more: false };

describe('a full scan warns', () => {
  test('of a total that is too low', async () => {
    expect(await warnings([two, third])).toEqual([TOO_LOW]);
  });

  test('of totals that count each page, and does not read the list again', async () => {
    const pages = [answer(['a', 'b'], { total: 2, more: true }), answer(['c'], { total: 1, more: false })];
    const { asked, ports } = await readOne(pages);
    expect(ports.lines.map(({ message }) => message)).toContain(TOO_LOW);
    expect(asked).toHaveLength(2);
  });

  test('of records without a key', async () => {
    expect(await warnings([keyless])).toContain(KEYLESS);
  });
});

describe('nobody is warned', () => {
  test.each([
    { says: 'of a total that was met', script: [answer(['a'], { total: 1, more: false })], options: {} },
    { says: 'of a total that moved', script: [two, answer(['c'], { total: 3, more: false })], options: {} },
    { says: 'by a read that is no full scan', script: [two, third], options: { plan: { kind: 'newest' as const } } },
    { says: 'by a scan that was cut', script: [{ ...two, total: 1 }, new OutOfTimeError('late')], options: {} },
    {
      says: 'where removals are not looked for',
      script: [two, third],
      options: { stream: { tables: [{ ...unitTable, removal: 'never' as const }] as const } },
    },
  ])('$says', async ({ script, options }) => {
    expect(await warnings(script, options as never)).toEqual([]);
  });
});

describe('a list with fewer records than its total', () => {
  const shortOf = async (id: string) => {
    const stream = { partitions: () => [unitPartition(id)] };
    const short = () => answer(['a'], { total: 3, more: false });
    const { outcome } = await readOne(short, { stream, partition: unitPartition(id) });
    return outcome.shortList?.message;
  };

  test.each([
    { id: 'incoming', name: 'partition incoming' },
    { id: 'a_b', name: 'partition a_b' },
    { id: '17', name: 'a partition' },
    { id: 'ab1', name: 'a partition' },
    { id: '1ab', name: 'a partition' },
    { id: 'a'.repeat(33), name: 'a partition' },
  ])('is called $name, as $id may be the id of a record, or not', async ({ id, name }) => {
    expect(await shortOf(id)).toBe(
      `unit.calls: /calls: ${name} has fewer records than its total (4 readings of 1 pages showed 1 records, the vendor's total is 3); ` +
        'what was shown is kept. The next run tries again; if that persists, ask the vendor which of the two is right',
    );
  });
});
