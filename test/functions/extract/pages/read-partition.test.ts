import { describe, expect, test } from 'vitest';
import { NotFoundError, ShortListError, SourceUnavailableError } from '../../../../functions/errors.ts';
import { readPartition } from '../../../../functions/extract/pages/pages.ts';
import type { PartitionOutcome } from '../../../../functions/extract/pages/read-guide.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import { answer, entry, readOne, records } from '../../../helpers/read-one.ts';
import { unitPartition, unitRead, unitSession } from '../../../helpers/session.ts';

describe('a partition', () => {
  test('is read to the end that the vendor signals', async () => {
    const { shown, outcome, asked } = await readOne([
      answer(['a', 'b'], { more: true, total: 3 }),
      answer(['c'], { more: false, total: 3 }),
    ]);
    expect(asked).toEqual(['all/1', 'all/2']);
    expect(shown).toEqual([['a', 'b'], ['c']]);
    expect(outcome).toMatchObject({ partition: WHOLE_STREAM, isShort: false, isClean: true });
    expect([...outcome.keys]).toEqual(['a', 'b', 'c']);
    expect(outcome.failure).toBeUndefined();
  });

  test('without an end signal ends with an empty page', async () => {
    const { asked, outcome } = await readOne([answer(['a', 'b']), answer(['c']), answer([])]);
    expect(asked).toEqual(['all/1', 'all/2', 'all/3']);
    expect(outcome.isClean).toBe(true);
  });

  test('with an end signal may show fewer records than are known, because some may be gone', async () => {
    const { outcome } = await readOne([answer(['a'], { more: false })], { known: ['a', 'b', 'c'] });
    expect(outcome.isClean).toBe(true);
  });

  test('that was stopped is not a clean scan', async () => {
    const { session } = await unitSession({ answer: () => answer(['a', 'b'], { more: true }) });
    const pages = readPartition(session, unitRead(session, { kind: 'newest' }), WHOLE_STREAM);
    const first = await pages.next();
    if (first.done) throw new Error('no page');
    first.value.scan.stop();
    expect((await pages.next()).value).toMatchObject({ isClean: false, isShort: false });
  });

  test('reports each request to the read before it is sent', async () => {
    const noted: string[] = [];
    await readOne([answer(['a', 'b'], { more: true }), answer(['c'], { more: false })], {
      strategy: { requesting: ({ page, size, partition }) => void noted.push(`${partition.id} ${page} of ${size}`) },
    });
    expect(noted).toEqual(['all 1 of 2', 'all 2 of 2']);
  });

  test('has each of its scans in the commit', async () => {
    const { session } = await readOne([answer(['a'], { more: false, total: 1 })], { plan: { kind: 'window' } });
    expect(session.progress.tally().scans).toEqual([
      { list: 'all', kind: 'window', pages: 1, records: 1, total: 1, complete: true, drift: false },
    ]);
  });
});

describe('a total', () => {
  const short = answer(['a', 'b'], { more: false, total: 3 });
  const none = answer([], { more: false, total: 3 });

  test('that is not met makes the partition be read four times, and is a failure if it never changed', async () => {
    const { asked, outcome, session } = await readOne(({ page }) =>
      page === 1 ? short : answer([], { more: false, total: 3 }),
    );
    // Each reading asks whether the list goes on, as its total says.
    expect(asked).toEqual(Array.from({ length: 4 }, () => ['all/1', 'all/2']).flat());
    expect(outcome).toMatchObject({ isShort: true, isClean: false });
    expect(outcome.shortList?.message).toContain("(4 readings of 1 pages showed 2 records, the vendor's total is 3)");
    expect(session.progress.tally().scans).toHaveLength(4);
  });

  test('that is met by the third reading ends the repetition', async () => {
    const { asked, outcome, result } = await readOne([
      short,
      none,
      short,
      none,
      answer(['c', 'a'], { more: false, total: 3 }),
    ]);
    expect(asked).toHaveLength(6);
    // All three readings together showed three keys; the last alone did not.
    expect(outcome).toMatchObject({ isShort: false, isClean: false });
    expect([...outcome.keys].sort()).toEqual(['a', 'b', 'c']);
    expect(result.exitCode).toBe(0);
  });

  test('that changed and was never met is not a failure', async () => {
    const { outcome, asked } = await readOne(({ page }) =>
      answer(page > 2 ? [] : [`k${page}`], { more: page < 2, total: 5 + page }),
    );
    expect(asked).toHaveLength(12);
    expect(outcome).toMatchObject({ isShort: true, isClean: false });
    expect(outcome.shortList).toBeUndefined();
  });

  test('that fell makes the partition be read again even if it is met', async () => {
    const { asked, outcome } = await readOne([
      answer(['a', 'b'], { more: true, total: 4 }),
      answer(['c'], { more: false, total: 3 }),
      answer(['a', 'b'], { more: true, total: 3 }),
      answer(['c'], { more: false, total: 3 }),
    ]);
    expect(asked).toEqual(['all/1', 'all/2', 'all/1', 'all/2']);
    expect(outcome.isClean).toBe(true);
  });

  test('that grew and is met causes no second reading, and yields no deletion candidates', async () => {
    const { asked, outcome } = await readOne([
      answer(['a', 'b'], { more: true, total: 2 }),
      answer(['c'], { more: false, total: 3 }),
    ]);
    expect(asked).toHaveLength(2);
    expect(outcome).toMatchObject({ isShort: false, isClean: false });
  });

  test.each([
    { total: 1, isClean: false },
    { total: 2, isClean: true },
    { total: undefined, isClean: true },
  ])('of $total for two records: clean $isClean', async ({ total, isClean }) => {
    const { outcome } = await readOne([answer(['a', 'b'], { more: false, ...(total === undefined ? {} : { total }) })]);
    expect(outcome.isClean).toBe(isClean);
  });

  test.each([
    { total: 2, isClean: false },
    { total: 1, isClean: true },
  ])(
    'of $total counts one shown twice on a page, which may hide another: clean $isClean',
    async ({ total, isClean }) => {
      const { outcome, ports } = await readOne([{ records: records('a', 'a'), more: false, total }]);
      expect(outcome.isClean).toBe(isClean);
      expect(ports.lines).toHaveLength(isClean ? 0 : 1);
    },
  );

  test('counts a record without a key, which may be any that is missing, so that nothing is proven', async () => {
    const { outcome, asked, ports } = await readOne([
      { records: [...records('a'), { note: 'no id' }], more: false, total: 2 },
    ]);
    expect(asked).toHaveLength(1);
    expect(outcome.isClean).toBe(false);
    expect(ports.lines.map(({ message }) => message).join()).toContain('the list has records without a key');
  });

  test('is ignored by an incremental read', async () => {
    const { asked, outcome } = await readOne([answer(['a'], { more: false, total: 9 })], { plan: { kind: 'newest' } });
    expect(asked).toHaveLength(2);
    expect(outcome).toMatchObject({ isShort: false, isClean: false });
  });
});

describe('a failure', () => {
  test('is in the outcome, without the keys shown before it', async () => {
    const failure = new SourceUnavailableError('down');
    const { outcome, shown, session } = await readOne([answer(['a', 'b'], { more: true }), failure]);
    expect(shown).toHaveLength(1);
    expect(outcome).toMatchObject({ failure, isClean: false, isShort: false });
    expect(outcome.scan).toBeUndefined();
    expect(session.progress.tally().scans).toEqual([]);
  });

  test('of an unexpected kind is thrown', async () => {
    await expect(readOne([new TypeError('a bug')])).rejects.toThrow(TypeError);
  });

  test.each([
    { skipMissingPartition: true, failure: undefined, warnings: 1 },
    { skipMissingPartition: false, failure: expect.any(NotFoundError), warnings: 0 },
  ])('with 404 counts as an empty partition if partitions may be missing: $skipMissingPartition', async (expected) => {
    const { skipMissingPartition, failure, warnings } = expected;
    const { outcome, ports } = await readOne([new NotFoundError('gone')], { stream: { skipMissingPartition } });
    expect(outcome.failure).toEqual(failure);
    expect(outcome.scan).toBeUndefined();
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(warnings);
  });

  test('of a short list names the partition', async () => {
    const { outcome } = await readOne(() => answer(['a'], { more: false, total: 2 }), {
      partition: unitPartition('north'),
    });
    expect(outcome.shortList?.message).toMatch(/^unit\.calls: \/calls: partition north has fewer/);
    expect(new ShortListError('x').exitCode).toBe(4);
  });
});

describe('the number of live records in a partition', () => {
  test('counts all records of a stream without partitions, except those marked deleted', async () => {
    const { session } = await unitSession();
    session.digest.set('a', entry());
    session.digest.set('b', entry({ group: 'x' }));
    session.digest.set('c', entry({ deletedAt: 1 }));
    expect(session.liveIn(WHOLE_STREAM)).toBe(2);
  });

  test('counts the partition’s own records in a stream with partitions', async () => {
    const { session } = await unitSession({ stream: { partitions: () => [unitPartition('x'), unitPartition('y')] } });
    session.digest.set('a', entry({ group: 'x' }));
    session.digest.set('b', entry({ group: 'y' }));
    session.digest.set('c', entry());
    session.digest.set('d', entry({ group: 'x', deletedAt: 1 }));
    expect([session.liveIn(unitPartition('x')), session.liveIn(unitPartition('y'))]).toEqual([1, 1]);
  });

  test('counts Kalem’s calls of both directions in either list', async () => {
    const stream = (await findSource('kalem')).streams['calls'];
    if (!stream) throw new Error('no stream');
    const { session } = await unitSession({ stream });
    for (const [key, group] of [
      ['a', 'inbound'],
      ['b', 'both'],
      ['c', 'outbound'],
      ['d', 'none'],
      ['e', 'both'],
    ] as const)
      session.digest.set(key, entry({ group }));
    session.digest.set('f', entry());
    const count = (id: string) => session.liveIn(unitPartition(id));
    expect({ inbound: count('inbound'), outbound: count('outbound') }).toEqual({ inbound: 3, outbound: 3 });
  });
});

test.each([{ params: { user: '' } }, { params: { user: '1' }, query: { user_id: ' ' } }])(
  'a partition without an id is not requested, because its address would be that of another list: %j',
  async (ids) => {
    const { session, client } = await unitSession({ stream: { path: '/users/{user}' } });
    const pages = readPartition(session, unitRead(session), { id: 'x', context: {}, ...ids });
    const { value } = await pages.next();
    expect((value as PartitionOutcome).failure?.message).toMatch(
      /^unit\.calls: \/users\/\{user\}: a partition has no usable value for user(_id)?; expected an id$/,
    );
    expect(client.asked).toEqual([]);
  },
);
