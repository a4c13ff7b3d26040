import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';
import { type PageRequest, WHOLE_STREAM } from '../../../functions/source/page.ts';
import { type Answer, byOffset, fromLast, inLink } from '../../../functions/source/paging.ts';
import { variantsOf } from '../../../functions/source/variants.ts';

/** Reads one answer. */
function read(answer: Answer, body: unknown, request: Partial<PageRequest> = {}) {
  const [variant] = variantsOf({ path: '/calls', ask: () => ({}), answer });
  return variant.read(body, { partition: WHOLE_STREAM, page: 1, size: 2, ...request });
}
const reading =
  (...given: Parameters<typeof read>) =>
  () =>
    read(...given);

describe('a token', () => {
  const answer: Answer = { records: 'data', next: ['meta.cursor', 'cursor'], more: 'more' };
  test.each([
    [{ cursor: 'abc' }, { more: true, next: 'abc' }],
    [
      { meta: { cursor: 'x' }, cursor: 'abc' },
      { more: true, next: 'x' },
    ],
    [{ cursor: 17 }, { more: true, next: '17' }],
    [{ cursor: parseJson('12345678901234567890') }, { more: true, next: '12345678901234567890' }],
    [{ cursor: ' a b ' }, { more: true, next: ' a b ' }],
    [
      { cursor: 'abc', more: false },
      { more: false, next: 'abc' },
    ],
    [
      { cursor: 'abc', more: true },
      { more: true, next: 'abc' },
    ],
    [{ cursor: null }, { more: false }],
    [{ cursor: '' }, { more: false }],
    [{ cursor: 0 }, { more: false }],
    [{ cursor: true }, { more: false }],
    [{ cursor: {} }, { more: false }],
    [{ cursor: ['a'] }, { more: false }],
    [{}, { more: false }],
  ])('of %j is %j', (body, expected) => {
    const { more, next } = read(answer, { data: [1, 2], ...body });
    expect({ more, ...(next === undefined ? {} : { next }) }).toEqual(expected);
  });

  test.each([{ more: true }, { more: true, cursor: '' }, { more: true, cursor: null }])(
    'is refused if it is missing where more is promised: %j',
    (body) => {
      expect(reading(answer, { data: [1], ...body })).toThrow(
        new ContractError(
          'the answer says that more pages follow, and has no token for the next one in meta.cursor or cursor',
        ),
      );
    },
  );

  test('that is the one of this page ends the list if the page is empty and nothing says that more follow', () => {
    const empty = (body: object) => reading(answer, { data: [], cursor: 'abc', ...body }, { next: 'abc' });
    expect(empty({})()).toMatchObject({ more: false });
    expect(empty({ more: false })()).toMatchObject({ more: false });
    expect(empty({ more: true })).toThrow('is the one of this page; expected another');
    expect(empty({ data: [1] })).toThrow('is the one of this page; expected another');
  });

  test('is not needed after a full page that says the end, though an address is there', () => {
    const linked: Answer = { records: 'data', next: inLink('link', 'token'), more: 'more' };
    expect(read(linked, { data: [1, 2], link: '/calls', more: false }, { next: 'abc' }).more).toBe(false);
  });

  test('is refused if it is the one of the same page, unless the list has ended', () => {
    const says = 'the token of the next page in meta.cursor or cursor is the one of this page; expected another';
    expect(reading(answer, { data: [1], cursor: 'abc' }, { next: 'abc' })).toThrow(new ContractError(says));
    expect(read(answer, { data: [1], cursor: 'abc', more: false }, { next: 'abc' }).more).toBe(false);
    expect(read(answer, { data: [1], cursor: 'abd' }, { next: 'abc' }).next).toBe('abd');
  });

  test.each([
    ['https://elsewhere.example/calls?PageToken=a%2Bb&Page=1', 'a+b'],
    ['/calls?Page=1&PageToken=x#end', 'x'],
    ['?PageToken=x', 'x'],
    [null, undefined],
    ['', undefined],
    [undefined, undefined],
  ])('in an address is a parameter of it: %j', (next_page_uri, token) => {
    const page = read({ records: 'calls', next: inLink('next_page_uri', 'PageToken') }, { calls: [], next_page_uri });
    expect([page.more, page.next]).toEqual([token !== undefined, token]);
  });

  test.each(['https://vendor.example/calls', '/calls?PageToken=', 'x?Other=1#?PageToken=x'])(
    'is refused if the address has none: %s',
    (next_page_uri) => {
      expect(
        reading({ records: 'calls', next: inLink('next_page_uri', 'PageToken') }, { calls: [], next_page_uri }),
      ).toThrow('has no token for the next one in parameter PageToken of next_page_uri');
    },
  );

  test('may be the number of records before the page', () => {
    const offset: Answer = { records: 'data', next: byOffset };
    expect(read(offset, { data: [1, 2] })).toMatchObject({ more: undefined, next: '2' });
    expect(read(offset, { data: [1] }, { next: '40' })).toMatchObject({ next: '41' });
  });
});

describe('a value of the last record', () => {
  const answer: Answer = { records: '.', next: fromLast('call.at') };
  const at = (...values: (string | number | undefined)[]) => values.map((value) => ({ call: { at: value } }));

  test.each([
    { says: 'begins the next page', body: at(3, 2), next: undefined, expected: { more: true, next: '2' } },
    {
      says: 'begins the next page also if this one is not full',
      body: at(3),
      next: undefined,
      expected: { more: true, next: '3' },
    },
    {
      says: 'ends the list if the page began with it',
      body: at(2),
      next: '2',
      expected: { more: false, next: undefined },
    },
    { says: 'is not needed on an empty page', body: [], next: '2', expected: { more: false, next: undefined } },
  ])('$says', ({ body, next, expected }) => {
    const page = read(answer, body, next === undefined ? {} : { next });
    expect({ more: page.more, next: page.next }).toEqual(expected);
    expect(page.paging).toBe('overlapping');
  });

  test.each([
    { says: 'is missing', body: at(3, undefined), next: undefined, error: 'the last record of a page has no call.at' },
    {
      says: 'is that of all records of a full page',
      body: at(2, 2),
      next: '2',
      error: 'all 2 records of a page have one call.at',
    },
    {
      says: 'is not the first one of its page',
      body: at(3, 2),
      next: '2',
      error: 'a page was requested from a value of call.at, and ends with it',
    },
  ])('is refused if it $says', ({ body, next, error }) => {
    expect(reading(answer, body, next === undefined ? {} : { next })).toThrow(error);
  });
});
