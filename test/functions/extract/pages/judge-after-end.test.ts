import { describe, expect, test } from 'vitest';
import {
  AnswerTooLargeError,
  ContractError,
  CredentialsError,
  NotFoundError,
  OutOfTimeError,
  RequestRefusedError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';

const FULL = ['a', 'b'];

describe('the end of a list is doubted', () => {
  test.each([
    { says: 'after a full page', page: answer(FULL, { more: false }), requests: 2 },
    { says: 'below its total, which has it read again', page: answer(['a'], { more: false, total: 2 }), requests: 1 },
    { says: 'above its total, which is refuted', page: answer(FULL, { more: false, total: 1 }), requests: 2 },
    { says: 'with a token', page: answer(FULL, { more: false, paging: 'token', next: 'n' }), requests: 2 },
    { says: 'at its total', page: answer(FULL, { more: false, total: 2 }), requests: 0 },
    { says: 'above its total, not full', page: answer(['a'], { more: false, total: 0 }), requests: 0 },
    { says: 'after a page that is not full', page: answer(['a'], { more: false }), requests: 0 },
    { says: 'without a token', page: answer(FULL, { more: false, paging: 'token' }), requests: 0 },
  ])('$says: $requests requests of the empty page after it', async ({ page, requests }) => {
    const { asked } = await readOne(
      ({ page: number }) => (number === 1 ? page : answer([], { ...page, records: [], next: undefined })),
      { plan: { kind: 'newest' } },
    );
    expect(asked).toEqual(['all/1', 'all/2', 'all/2'].slice(0, 1 + requests));
  });

  test('and the records that follow are read', async () => {
    const { shown, outcome, ports } = await readOne([
      answer(FULL, { more: false }),
      answer(['c', 'd'], { more: false }),
      answer(['e'], { more: false }),
    ]);
    expect(shown).toEqual([FULL, ['c', 'd'], ['e']]);
    expect(outcome).toMatchObject({ isClean: true });
    expect(ports.lines.map(({ message }) => message)).toEqual([
      'the vendor says that a list has ended, and its next page has records; they were read',
    ]);
  });

  test('and a full scan that shows more records than the total says that it proves nothing', async () => {
    const low = { total: 1 };
    const { outcome, ports } = await readOne([
      answer(FULL, { more: true, ...low }),
      answer(['c'], { more: false, ...low }),
    ]);
    expect(outcome).toMatchObject({ isClean: false });
    expect(ports.lines.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('the list has 3 records, and its total is 1; no full scan finds removals'),
    );
  });

  test('and records without a key that follow are taken too, because they are kept raw', async () => {
    const keyless = { records: [{ note: 'no id' }], more: false };
    const { shown } = await readOne([answer(FULL, { more: false }), keyless]);
    expect(shown).toEqual([FULL, [undefined]]);
  });

  test('by a page as full as the fullest, if the vendor gives fewer records than are requested', async () => {
    const { asked } = await readOne(
      ({ page }) => answer(page > 3 ? [] : [`${page}x`, `${page}y`], { more: page < 2 }),
      { stream: { pageSize: 50 } },
    );
    expect(asked).toEqual(['all/1', 'all/2', 'all/3', 'all/4', 'all/4']);
  });

  test.each([
    { says: 'an empty page', next: answer([], { more: false }) },
    { says: 'the last page again', next: answer(FULL, { more: false }) },
  ])('and $says confirms it', async ({ next }) => {
    const { shown, outcome } = await readOne([answer(FULL, { more: false }), next]);
    expect(shown).toEqual([FULL]);
    expect(outcome).toMatchObject({ isClean: true, isShort: false });
    expect(outcome.failure).toBeUndefined();
  });

  test.each([
    { says: 'a page of earlier keys', next: answer(['a'], { more: false }) },
    { says: 'another page number', next: answer(['z'], { more: false, page: 1 }) },
  ])('and $says is requested again, and then proves nothing', async ({ next }) => {
    const list = (n: number) => (n === 1 ? answer(FULL, { more: true }) : answer(['c', 'd'], { more: false }));
    const { asked, shown, outcome, ports } = await readOne(({ page }) => (page < 3 ? list(page) : next));
    expect(asked).toEqual(['all/1', 'all/2', 'all/3', 'all/3']);
    expect(shown).toEqual([FULL, ['c', 'd']]);
    expect(outcome).toMatchObject({ isClean: false });
    expect(outcome.failure).toBeUndefined();
    expect(ports.lines.map(({ message }) => message)).toEqual([
      expect.stringContaining('shows another page of it in place of the next; the next full scan looks again'),
    ]);
  });

  test.each([new NotFoundError('gone'), new RequestRefusedError('no such page')])(
    'and is confirmed by two refusals: %s',
    async (next) => {
      const { asked, shown, outcome } = await readOne([answer(FULL, { more: false }), next, next]);
      expect(asked).toEqual(['all/1', 'all/2', 'all/2']);
      expect(shown).toEqual([FULL]);
      expect(outcome).toMatchObject({ isClean: true, isShort: false });
      expect(outcome.failure).toBeUndefined();
    },
  );

  test.each([new NotFoundError('gone'), answer([], { more: false }), answer([], { more: false, isDoubtful: true })])(
    'and is not confirmed by one answer without a page before one with records: %o',
    async (first) => {
      const { shown } = await readOne([answer(FULL, { more: false }), first, answer(['c'], { more: false })]);
      expect(shown.flat()).toEqual(['a', 'b', 'c']);
    },
  );

  test.each([new ContractError('answered 200 without a list'), new AnswerTooLargeError('too large')])(
    'and an answer that cannot be read says nothing: %s',
    async (next) => {
      const { shown, outcome } = await readOne(({ page }) => (page === 1 ? answer(FULL, { more: false }) : next));
      expect(shown).toEqual([FULL]);
      expect(outcome).toMatchObject({ failure: { name: 'ContractError', exitCode: 4 }, isClean: false });
      expect(outcome.failure?.message).toBe(
        `${next.message}. the vendor says that the list ends before this page, and its last page was full, or its total is higher; ` +
          'expected a page, empty or not. What was shown is kept, and the next run looks again; if it goes on, ask the vendor how the list ends',
      );
    },
  );

  test.each([new SourceUnavailableError('down'), new OutOfTimeError('late'), new CredentialsError('refused')])(
    'and a failure says nothing: %s',
    async (next) => {
      const { outcome } = await readOne([answer(FULL, { more: false }), next]);
      expect(outcome).toMatchObject({ failure: { name: next.name }, isClean: false });
    },
  );

  test('never where one answer is everything', async () => {
    const { asked } = await readOne([answer(FULL, { more: false })], { stream: { pageSize: 0 } });
    expect(asked).toEqual(['all/1']);
  });
});

describe('a page that the vendor refuses, in a list without an end signal', () => {
  const refused = new RequestRefusedError('no such page');
  const reading = (pages: readonly object[], stream: object = {}) =>
    readOne(({ page }) => pages[page - 1] ?? refused, { stream });

  test.each([
    { says: 'a page that is not full', pages: [answer(FULL), answer(['c'])] },
    { says: 'its only page, which is not full', pages: [answer(['a'])] },
    { says: 'a full page, at its total', pages: [answer(FULL, { total: 4 }), answer(['c', 'd'], { total: 4 })] },
    { says: 'a page smaller than those before', pages: [answer(FULL), answer(['c'])], stream: { pageSize: 50 } },
  ])('is requested again, and ends the list after $says', async ({ pages, stream }) => {
    const { outcome, asked } = await reading(pages, stream);
    expect(outcome).toMatchObject({ isClean: true, isShort: false });
    expect(outcome.failure).toBeUndefined();
    expect(asked.slice(-2)).toEqual(Array(2).fill(`all/${pages.length + 1}`));
  });

  test.each([
    { says: 'a full page', pages: [answer(FULL), answer(['c', 'd'])] },
    { says: 'a page below its total', pages: [answer(FULL, { total: 5 }), answer(['c'], { total: 5 })] },
    {
      says: 'a page that more follow, as the vendor says',
      pages: [answer(FULL, { more: true }), answer(['c'], { more: true })],
    },
    { says: 'pages as full as the first', pages: [answer(FULL), answer(['c', 'd'])], stream: { pageSize: 50 } },
  ])('is a failure after $says', async ({ pages, stream }) => {
    const { outcome } = await reading(pages, stream);
    expect(outcome.failure?.message).toContain('no such page');
    expect(outcome.failure?.message).toContain('the vendor may limit how far a list can be paged');
  });

  test('is no end if it is shown when it is requested again', async () => {
    const { shown } = await readOne([answer(['a']), refused, answer(['b']), answer([])]);
    expect(shown.flat()).toEqual(['a', 'b']);
  });

  test('is no end of a list that was not begun', async () => {
    const { outcome } = await reading([]);
    expect(outcome.failure).toBe(refused);
  });
});

describe('a list that may have disappeared', () => {
  const gone = new NotFoundError('gone');
  const stream = { skipMissingPartition: true };

  test('has, if its first page is refused too', async () => {
    const { outcome, shown } = await readOne([answer(FULL, { more: true }), gone, gone], { stream });
    expect(shown).toEqual([FULL]);
    expect(outcome.failure).toBeUndefined();
  });

  test('has not, if its first page is shown, and then the rest of it is missing', async () => {
    const { outcome, asked } = await readOne(({ page }) => (page === 1 ? answer(FULL, { more: true }) : gone), {
      stream,
    });
    expect(asked).toEqual(['all/1', 'all/2', 'all/1']);
    expect(outcome.failure).toMatchObject({ name: 'ContractError', exitCode: 4 });
    expect(outcome.failure?.message).toBe(
      'unit.calls: gone. pages before it showed 2 records, and the vendor still shows the first one; expected the list to its end. ' +
        'What was shown is kept, and the next run reads it again',
    );
  });

  test('may have, if its first page has no answer', async () => {
    const down = new SourceUnavailableError('down');
    expect((await readOne([answer(FULL, { more: true }), gone, down], { stream })).outcome.failure).toBe(down);
    await expect(readOne([answer(FULL, { more: true }), gone, new TypeError('a bug')], { stream })).rejects.toThrow(
      'a bug',
    );
  });
});

describe('an empty first page of a list of which more follow', () => {
  test.each([
    { says: 'a flag', more: { more: true } },
    { says: 'a token', more: { more: true, paging: 'token' as const, next: 'n' } },
  ])('is requested again, as $says says', async ({ more }) => {
    const { shown } = await readOne([
      answer([], more),
      answer(FULL, more),
      answer(['c'], { ...more, more: false, next: undefined }),
    ]);
    expect(shown).toEqual([FULL, ['c']]);
  });
});
