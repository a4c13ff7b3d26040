import { describe, expect, test } from 'vitest';
import {
  ContractError,
  CredentialsError,
  NotFoundError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import type { Page } from '../../../../functions/source/page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { answer, type ReadOneOptions, readOne } from '../../../helpers/read-one.ts';
import { unitRecord } from '../../../helpers/session.ts';

const FULL = ['a', 'b'];

/** A list that an earlier run has read completely. */
const READ = { sweptAt: 0 };

describe('an empty page is requested again', () => {
  const empty = answer([]);

  test('after a full page, and the second answer counts', async () => {
    const { shown, asked } = await readOne([answer(FULL), empty, answer(['c']), empty]);
    expect(asked).toEqual(['all/1', 'all/2', 'all/2', 'all/3']);
    expect(shown.flat()).toEqual(['a', 'b', 'c']);
  });

  test('at the beginning of a list with known records', async () => {
    const { shown, asked } = await readOne([empty, answer(['a']), empty], { known: ['a'], state: READ });
    expect(asked).toEqual(['all/1', 'all/1', 'all/2']);
    expect(shown.flat()).toEqual(['a']);
  });

  test('after the first page of a list that was never read, which may be as full as the vendor makes it', async () => {
    const { shown, asked } = await readOne([answer(['a']), empty, answer(['b']), empty]);
    expect(asked).toEqual(['all/1', 'all/2', 'all/2', 'all/3', 'all/3']);
    expect(shown.flat()).toEqual(['a', 'b']);
  });

  test.each<{ says: string; script: Page[]; options: ReadOneOptions; requests: number }>([
    {
      says: 'after a page that is not full, of a list that was read before',
      script: [answer(['a']), empty],
      options: { state: READ },
      requests: 2,
    },
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

  test.each([
    { says: 'after a full page', first: FULL },
    { says: 'after another one', first: ['a'] },
  ])(
    '$says, if the vendor says that more follow; a second time, a warning says that records may be missing',
    async ({ first }) => {
      const more = { more: true };
      const script = [answer(first, more), answer([], more), answer([], more), answer(['c'], { more: false })];
      const { shown, asked, ports } = await readOne(script, { state: READ });
      expect(asked.slice(0, 4)).toEqual(['all/1', 'all/2', 'all/2', 'all/3']);
      expect(shown.flat()).toEqual([...first, 'c']);
      expect(ports.lines.map(({ message }) => message)).toEqual([expect.stringContaining('an empty page twice')]);
    },
  );

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
