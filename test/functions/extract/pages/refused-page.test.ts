import { describe, expect, test } from 'vitest';
import { NotFoundError, RequestRefusedError, SourceUnavailableError } from '../../../../functions/errors.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';

const FULL = ['a', 'b'];

describe('a page that the vendor refuses, in a list without an end signal', () => {
  const refused = new RequestRefusedError('no such page');
  const reading = (pages: readonly object[], stream: object = {}) =>
    readOne(({ page }) => pages[page - 1] ?? refused, { stream });

  test.each([
    { says: 'a page that is not full', pages: [answer(FULL), answer(['c'])] },
    { says: 'its only page, which meets its total', pages: [answer(['a'], { total: 1 })] },
    { says: 'a full page, at its total', pages: [answer(FULL, { total: 4 }), answer(['c', 'd'], { total: 4 })] },
    { says: 'a page smaller than those before', pages: [answer(FULL), answer(['c'])], stream: { pageSize: 50 } },
  ])('is requested again, and ends the list after $says', async ({ pages, stream }) => {
    const { outcome, asked } = await reading(pages, stream);
    expect(outcome).toMatchObject({ isClean: true, isShort: false });
    expect(outcome.failure).toBeUndefined();
    expect(asked.slice(-2)).toEqual(Array(2).fill(`all/${pages.length + 1}`));
  });

  test('ends a list of which nothing was known, and which has shown a page that is not full, in doubt', async () => {
    const { outcome, asked } = await reading([answer(['a'])]);
    expect(outcome).toMatchObject({ isClean: false, isShort: false });
    expect(outcome.failure).toBeUndefined();
    expect(asked).toEqual(['all/1', 'all/2', 'all/2']);
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
