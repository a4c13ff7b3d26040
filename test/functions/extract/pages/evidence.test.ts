import { describe, expect, test } from 'vitest';
import {
  ContractError,
  CredentialsError,
  NotFoundError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import type { Page } from '../../../../functions/source/page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { answer, type ReadOneOptions, readOne } from '../../../helpers/read-one.ts';
import { unitRecord } from '../../../helpers/session.ts';

const FULL = ['a', 'b'];

describe('the end of a list is doubted', () => {
  test.each([
    { says: 'after a full page', page: answer(FULL, { more: false }), isDoubted: true },
    { says: 'below its total', page: answer(['a'], { more: false, total: 2 }), isDoubted: true },
    { says: 'at its total', page: answer(FULL, { more: false, total: 2 }), isDoubted: false },
    { says: 'above its total, which is refuted', page: answer(FULL, { more: false, total: 1 }), isDoubted: true },
    { says: 'above its total, not full', page: answer(['a'], { more: false, total: 0 }), isDoubted: false },
    { says: 'after a page that is not full', page: answer(['a'], { more: false }), isDoubted: false },
  ])('$says: $isDoubted', async ({ page, isDoubted }) => {
    const { asked } = await readOne([page, answer([], { more: false, total: page.total })], {
      plan: { kind: 'newest' },
    });
    expect(asked).toEqual(isDoubted ? ['all/1', 'all/2'] : ['all/1']);
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
    expect(asked).toEqual(['all/1', 'all/2', 'all/3', 'all/4']);
  });

  test.each([
    { says: 'an empty page', next: answer([], { more: false }) },
    { says: 'the last page again', next: answer(FULL, { more: false }) },
    { says: 'not found', next: new NotFoundError('gone') },
    { says: 'an answer that is no page', next: new ContractError('no list') },
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
    const { asked, shown, outcome } = await readOne(({ page }) => (page < 3 ? list(page) : next));
    expect(asked).toEqual(['all/1', 'all/2', 'all/3', 'all/3']);
    expect(shown).toEqual([FULL, ['c', 'd']]);
    expect(outcome).toMatchObject({ isClean: false });
    expect(outcome.failure).toBeUndefined();
  });

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

describe('an empty page is requested again', () => {
  const empty = answer([]);

  test('after a full page, and the second answer counts', async () => {
    const { shown, asked } = await readOne([answer(FULL), empty, answer(['c']), empty]);
    expect(asked).toEqual(['all/1', 'all/2', 'all/2', 'all/3']);
    expect(shown.flat()).toEqual(['a', 'b', 'c']);
  });

  test('at the begin of a list with known records', async () => {
    const { shown, asked } = await readOne([empty, answer(['a']), empty], { known: ['a'] });
    expect(asked).toEqual(['all/1', 'all/1', 'all/2']);
    expect(shown.flat()).toEqual(['a']);
  });

  test.each<{ says: string; script: Page[]; options: ReadOneOptions; requests: number }>([
    { says: 'after a page that is not full', script: [answer(['a']), empty], options: {}, requests: 2 },
    { says: 'of a list without known records', script: [empty], options: {}, requests: 1 },
    {
      says: 'of a window',
      script: [empty],
      options: { known: ['a'], plan: { kind: 'window', window: { from: new Date(0) } } },
      requests: 1,
    },
    {
      says: 'that the total expects',
      script: [answer(FULL, { total: 2 }), answer([], { total: 2 })],
      options: {},
      requests: 2,
    },
  ])('but not $says', async ({ script, options, requests }) => {
    expect((await readOne(script, options)).asked).toHaveLength(requests);
  });

  test('once, and then believed', async () => {
    const { asked, outcome } = await readOne(() => empty, { known: ['a'] });
    expect(asked).toEqual(['all/1', 'all/1']);
    expect(outcome).toMatchObject({ isClean: true });
  });
});

describe('a page with a key of an earlier page', () => {
  const page = (...ids: [string, number][]): Page => ({
    records: ids.map(([id, minutes]) => unitRecord(id, minutes)),
  });
  const first = page(['a', 1], ['b', 2]);

  test.each([
    { says: 'that moved down in an order newest first', second: page(['b', 2], ['c', 3]), isClean: true },
    { says: 'that is not the last of the page before', second: page(['a', 1], ['c', 3]), isClean: false },
    { says: 'that is not first', second: page(['c', 3], ['b', 4]), isClean: false },
  ])('$says: clean $isClean', async ({ second, isClean }) => {
    const { outcome, asked } = await readOne(({ page: n }) => [first, second][n - 1] ?? page());
    expect(outcome.isClean).toBe(isClean);
    // The list is read a second time, and not a third time.
    expect(asked.filter((one) => one === 'all/1')).toHaveLength(isClean ? 1 : 2);
  });

  test('proves nothing if no order was verified', async () => {
    const { outcome } = await readOne(({ page: n }) => [answer(['a', 'b']), answer(['b', 'c'])][n - 1] ?? answer([]));
    expect(outcome.isClean).toBe(false);
  });

  test('causes no second reading if the second reading is in order', async () => {
    const second = page(['c', 3]);
    const { outcome, asked } = await readOne([first, page(['a', 1]), page(), first, second, page()]);
    expect(asked).toHaveLength(6);
    expect(outcome.isClean).toBe(true);
    expect([...outcome.keys].sort()).toEqual(['a', 'b', 'c']);
  });
});

describe('a stream with two ways to request a page', () => {
  const stream: Partial<Stream> = {
    otherwise: [{ name: 'post', ask: ({ page }) => ({ query: { page }, body: { page } }) }],
  };
  const list = (page: number) => (page === 1 ? answer(FULL, { more: true }) : answer(['c'], { more: false }));

  test('keeps the first if one answer is wrong', async () => {
    let wrong = 1;
    const { session, shown } = await readOne(
      ({ page }) => (page === 2 && wrong-- > 0 ? answer(FULL, { more: true }) : list(page)),
      { stream },
    );
    expect(session.progress.state().variant).toBeUndefined();
    expect(shown).toEqual([FULL, ['c']]);
  });

  test.each([new NotFoundError('no such list'), new ContractError('405'), new CredentialsError('403')])(
    'returns to the first if the second is refused: %s',
    async (refusal) => {
      const { session, shown, outcome, ports } = await readOne(
        ({ page, request }) => (request.method === 'POST' ? refusal : list(page)),
        { stream, state: { variant: 'post' } },
      );
      expect(outcome).toMatchObject({ isClean: true });
      expect(shown).toEqual([FULL, ['c']]);
      expect(session.progress.state().variant).toBe('first');
      expect(ports.lines.map(({ message }) => message)).toEqual([
        'the vendor refuses request variant post; continuing with first',
      ]);
    },
  );

  test('fails if the first does not page and the second is refused', async () => {
    const { outcome, asked } = await readOne(
      ({ request }) => (request.method === 'POST' ? new ContractError('405') : answer(FULL, { more: true })),
      { stream },
    );
    expect(outcome.failure?.message).toContain('page 2 repeats the page before it, also when asked again');
    expect(asked).toHaveLength(7);
  });

  test('does not leave the second because the vendor is down', async () => {
    const { session, outcome } = await readOne(() => new SourceUnavailableError('down'), {
      stream,
      state: { variant: 'post' },
    });
    expect(outcome.failure?.message).toBe('down');
    expect(session.progress.state().variant).toBe('post');
  });
});
