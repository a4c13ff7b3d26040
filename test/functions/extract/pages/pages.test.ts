import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { OutOfTimeError, SourceUnavailableError } from '../../../../functions/errors.ts';
import { pagesOf } from '../../../../functions/extract/pages/pages.ts';
import type { PartitionOutcome } from '../../../../functions/extract/pages/read-guide.ts';
import { type UnitOptions, unitPartition, unitRead, unitRecord, unitSession } from '../../../helpers/session.ts';

interface Options extends UnitOptions {
  readonly partitions: readonly string[];
  readonly isConcurrent?: boolean;
  /** Taken pages after which the consumer leaves. @default never */
  readonly leaveAfter?: number;
}

/** Pages of several partitions, as a consumer takes them. */
async function readPages({ partitions, isConcurrent = true, leaveAfter, ...unit }: Options) {
  const { session, client } = await unitSession(unit);
  const done: PartitionOutcome[] = [];
  const read = unitRead(
    session,
    { kind: 'parents', partitions: partitions.map(unitPartition) },
    { isConcurrent, partitionDone: (outcome) => void done.push(outcome) },
  );
  const taken: string[] = [];
  /** Requests that were sent when a page was taken. */
  const ahead: number[] = [];
  for await (const page of pagesOf(session, read)) {
    taken.push(`${page.partition.id}/${page.number}`);
    ahead.push(client.asked.length);
    if (taken.length === leaveAfter) break;
  }
  return { taken, ahead, done: done.map(({ partition }) => partition.id), read, asked: client.asked, session };
}

const twoPages: UnitOptions['answer'] = ({ partition, page }) => ({
  records: (page < 2 ? ['', 'x'] : ['']).map((suffix) => unitRecord(`${partition}${page}${suffix}`)),
  more: page < 2,
});
const FIVE = ['a', 'b', 'c', 'd', 'e'];
const IN_ORDER = FIVE.flatMap((id) => [`${id}/1`, `${id}/2`]);

describe('pages of several partitions', () => {
  test('come partition by partition if partitions are read in turn', async () => {
    const { taken, done, asked, ahead } = await readPages({ partitions: FIVE, isConcurrent: false, answer: twoPages });
    expect(taken).toEqual(IN_ORDER);
    expect(asked).toEqual(IN_ORDER);
    expect(ahead).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(done).toEqual(FIVE);
  });

  test('come in the same order if partitions are read at once, whichever answer comes first', async () => {
    // The first partition's answers come last.
    const slow: UnitOptions['answer'] = async (request) => {
      for (let turns = 0; turns < (request.partition === 'a' ? 20 : 2); turns += 1) await setImmediate();
      return twoPages(request);
    };
    const { taken, done } = await readPages({ partitions: FIVE, answer: slow });
    expect(taken).toEqual(IN_ORDER);
    expect(done).toEqual(FIVE);
  });

  test.each([
    { partitionsAtOnce: 1, first: ['a/1'] },
    { partitionsAtOnce: 2, first: ['a/1', 'b/1'] },
    { partitionsAtOnce: 4, first: ['a/1', 'b/1', 'c/1', 'd/1'] },
    { partitionsAtOnce: 9, first: ['a/1', 'b/1', 'c/1', 'd/1', 'e/1'] },
  ])('are requested ahead for $partitionsAtOnce partitions', async ({ partitionsAtOnce, first }) => {
    const { asked, ahead, taken } = await readPages({
      partitions: FIVE,
      tuning: { partitionsAtOnce },
      answer: twoPages,
    });
    expect(asked.slice(0, first.length)).toEqual(first);
    expect(ahead[0]).toBe(first.length);
    expect(taken).toEqual(IN_ORDER);
    expect([...asked].sort()).toEqual(IN_ORDER);
  });

  test('do not exist without partitions', async () => {
    expect(await readPages({ partitions: [] })).toMatchObject({ taken: [], done: [], asked: [] });
  });

  test('that are empty reach the consumer too', async () => {
    const { taken, done } = await readPages({ partitions: ['a', 'b'], answer: () => ({ records: [], more: false }) });
    expect(taken).toEqual(['a/1', 'b/1']);
    expect(done).toEqual(['a', 'b']);
  });
});

describe('a consumer that leaves', () => {
  test('early causes no further page request, and waits for requests in progress', async () => {
    let answered = 0;
    const { asked } = await readPages({
      partitions: FIVE,
      tuning: { partitionsAtOnce: 3 },
      leaveAfter: 1,
      answer: async (request) => {
        for (let turns = 0; turns < 10 && request.partition !== 'a'; turns += 1) await setImmediate();
        answered += 1;
        return twoPages(request);
      },
    });
    expect(asked).toEqual(['a/1', 'b/1', 'c/1']);
    expect(answered).toBe(3);
    await setImmediate();
    expect(asked).toHaveLength(3);
  });

  test('while partitions are read in turn prevents the next partition from starting', async () => {
    const { asked } = await readPages({ partitions: FIVE, isConcurrent: false, leaveAfter: 1, answer: twoPages });
    expect(asked).toEqual(['a/1']);
  });
});

describe('a partition that fails', () => {
  const failing =
    (...bad: string[]): UnitOptions['answer'] =>
    (request) =>
      bad.includes(request.partition) ? new SourceUnavailableError(request.partition) : twoPages(request);

  test.each([true, false])('does not stop the others (read at once: %s)', async (isConcurrent) => {
    const { taken, done, read } = await readPages({ partitions: FIVE, isConcurrent, answer: failing('b', 'd') });
    expect(taken).toEqual(IN_ORDER.filter((page) => !/[bd]/.test(page)));
    expect(done).toEqual(FIVE);
    expect(read.hasFailed()).toBe(true);
  });

  test.each([true, false])('ends the read if it is the third (read at once: %s)', async (isConcurrent) => {
    const { taken, done } = await readPages({ partitions: FIVE, isConcurrent, answer: failing('a', 'b', 'c') });
    expect(taken).toEqual([]);
    // The partition that stopped the read is not concluded.
    expect(done).toEqual(['a', 'b']);
  });

  test('ends the read immediately if the failure concerns every partition', async () => {
    const { taken, done, asked, session, read } = await readPages({
      partitions: FIVE,
      isConcurrent: false,
      answer: (request) => (request.partition === 'b' ? new OutOfTimeError('no time') : twoPages(request)),
    });
    expect({ taken, done, asked }).toEqual({ taken: ['a/1', 'a/2'], done: ['a'], asked: ['a/1', 'a/2', 'b/1'] });
    await read.conclude();
    expect(session.progress.status()).toBe('partial');
  });

  test('because of a bug throws to the consumer after the requests in progress have ended', async () => {
    let answered = 0;
    const reading = readPages({
      partitions: FIVE,
      answer: async ({ partition }) => {
        if (partition === 'a') return new TypeError('a bug');
        for (let turns = 0; turns < 10; turns += 1) await setImmediate();
        answered += 1;
        return { records: [] };
      },
    });
    await expect(reading).rejects.toThrow(TypeError);
    expect(answered).toBe(3);
  });
});
