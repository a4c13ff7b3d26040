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

  test('and the warning of a list that no full scan reads says when it is read again', async () => {
    const { ports } = await readOne(
      [answer(FULL, { more: true }), answer(['c', 'd'], { more: false }), answer(['a']), answer(['a'])],
      {
        stream: { kind: 'per-parent' },
      },
    );
    expect(ports.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/in place of the next; when the list is due again, it is read from the same day$/),
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
          'expected a page, empty or not. What was shown is kept, and the next run looks again; if that persists, ask the vendor how the list ends',
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

  test.each([
    { says: 'first', posts: [new CredentialsError('refused'), new NotFoundError('gone')] },
    { says: 'second', posts: [new NotFoundError('gone'), new CredentialsError('refused')] },
  ])('and refused credentials say nothing in another way to request it: $says', async ({ posts }) => {
    const script: unknown[] = [answer(FULL, { more: false }), ...posts];
    const { outcome, session } = await readOne(
      ({ request }) => (request.method === 'POST' ? script.shift() : new NotFoundError('gone')),
      {
        stream: { otherwise: [{ name: 'post', ask: ({ page }) => ({ query: {}, body: { page } }) }] },
        state: { variant: 'post' },
      },
    );
    expect(outcome).toMatchObject({ failure: { name: 'CredentialsError' }, isClean: false });
    expect(session.progress.state().variant).toBe('post');
  });

  test('never where one answer is everything', async () => {
    const { asked } = await readOne([answer(FULL, { more: false })], { stream: { pageSize: 0 } });
    expect(asked).toEqual(['all/1']);
  });
});
