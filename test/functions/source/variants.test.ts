import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import { variantsOf } from '../../../functions/source/variants.ts';
import { readAnswer, readingAnswer, stream } from '../../helpers/read-answer.ts';

const refusal = (says: string) => new ContractError(`the answer is not what the vendor's document says: ${says}`);

describe('the records of an answer', () => {
  test.each([
    ['data', { data: [1] }],
    ['a.b.c', { a: { b: { c: [1] } } }],
    ['.', [1]],
    [['data', 'calls'], { calls: [1] }],
    [['data', 'calls'], { data: null, calls: [1] }],
    ['data', { data: { 0: 1 } }],
  ])('are found at %j', (records, body) => {
    expect(readAnswer({ records }, body)).toMatchObject({ records: [1] });
    expect(readAnswer({ records }, body).isDoubtful).toBeUndefined();
  });

  test('are the answer itself if nothing is declared', () => {
    expect(readAnswer(undefined, [1, 2]).records).toEqual([1, 2]);
  });

  test.each([{ data: null }, { data: {} }])('are none, and prove no removal, if they are told as %j', (body) => {
    expect(readAnswer({ records: 'data' }, body)).toMatchObject({ records: [], isDoubtful: true });
  });

  test.each([{}, { data: '' }, { data: false }])('are none, and prove no removal, if the total is 0: %j', (body) => {
    const answer = { records: 'data', total: 'total' };
    expect(readAnswer(answer, { ...body, total: 0 })).toMatchObject({ records: [], isDoubtful: true, total: 0 });
    expect(readingAnswer(answer, { ...body, total: 1 })).toThrow(ContractError);
    expect(readingAnswer(answer, { data: 'Jane Doe', total: 0 })).toThrow(ContractError);
    // Behind the end nothing is missing, so that the list proves removals.
    expect(readAnswer(answer, { ...body, total: 4 }, { page: 3 })).toMatchObject({ records: [], isDoubtful: false });
    expect(readingAnswer(answer, { ...body, total: 5 }, { page: 3 })).toThrow(ContractError);
  });

  test.each([
    ['data', {}, 'data is missing; expected a list'],
    ['data', null, 'data is missing; expected a list'],
    ['data', [], 'the answer is a list; expected an object'],
    ['data', 'Jane Doe', 'the answer is other text; expected an object'],
    ['data', { data: 'Jane Doe' }, 'data is other text; expected a list'],
    ['data', { data: { name: 'Jane Doe' } }, 'data is an object; expected a list'],
    ['data.calls', { data: [] }, 'data.calls is missing; expected a list'],
    ['data.calls', { data: null }, 'data.calls is missing; expected a list'],
    ['data.calls', { data: false }, 'data.calls is missing; expected a list'],
    ['data.calls', { data: '' }, 'data.calls is missing; expected a list'],
    ['toString', {}, 'toString is missing; expected a list'],
    [['data', 'calls'], { calls: 7 }, 'data or calls is another number; expected a list'],
    ['.', {}, 'the answer is an object; expected a list'],
    ['.', null, 'the answer is null; expected a list'],
  ])('are refused at %s of %j', (records, body, says) => {
    expect(readingAnswer({ records }, body)).toThrow(refusal(says));
  });
});

describe('a count', () => {
  test.each([
    [0, 0],
    [7, 7],
    ['7', 7],
    [' 7\n', 7],
    ['', undefined],
    [' ', undefined],
    [null, undefined],
    [undefined, undefined],
    [false, undefined],
    [true, undefined],
    [[], undefined],
    [-1, undefined],
    ['-1', undefined],
    [1.5, undefined],
    ['1e3', undefined],
    ['many', undefined],
    [{}, undefined],
    [parseJson('123456789012345678901'), undefined],
    ['1234567890123456789012', undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])('of %j is %s', (total, expected) => {
    expect(
      readAnswer({ records: 'data', total: 'meta.total', page: 'page' }, { data: [], meta: { total }, page: total }),
    ).toMatchObject({
      total: expected,
      page: expected,
    });
  });

  test('is the first usable one of several', () => {
    const answer = { records: 'data', total: ['a.total', 'b.total', 'total'] };
    expect(readAnswer(answer, { data: [], a: null, b: { total: 'x' }, total: 3 }).total).toBe(3);
    expect(readAnswer(answer, { data: [], b: { total: 0 }, total: 3 }).total).toBe(0);
    expect(readAnswer(answer, { data: [], a: [], total: 3 }).total).toBe(3);
    // In one form of an answer, `a` may be a text or a list that has nothing to do with the total of another form.
    for (const a of ['', false, {}, { total: {} }, { total: [] }, 'x', [1]])
      expect(readAnswer(answer, { data: [], a, total: 3 }).total).toBe(3);
    const one = { records: 'data', total: 'a.total' };
    expect(readingAnswer(one, { data: [], a: 'x' })).toThrow(refusal('a is other text; expected an object'));
    expect(readingAnswer(one, { data: [], a: [1] })).toThrow(refusal('a is a list; expected an object'));
  });
});

describe('the end of a list', () => {
  test.each([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
    [null, undefined],
    [undefined, undefined],
    ['True', true],
    [' FALSE', false],
    ['0', false],
    [1, true],
    [0, false],
    ['yes', undefined],
    ['', undefined],
    [2, undefined],
    [[], undefined],
    [[1], undefined],
    [{}, undefined],
    ['constructor', undefined],
  ])('is told by a flag: more is %j, so %s', (more, expected) => {
    expect(readAnswer({ records: 'data', more: 'more' }, { data: [], more }).more).toBe(expected);
  });

  test.each([
    { page: 1, firstPage: 1 as const, pages: 2, more: true },
    { page: 2, firstPage: 1 as const, pages: 2, more: false },
    { page: 0, firstPage: 0 as const, pages: 2, more: true },
    { page: 1, firstPage: 0 as const, pages: '2', more: false },
    { page: 1, firstPage: 1 as const, pages: 0, more: false },
    { page: 1, firstPage: 1 as const, pages: null, more: undefined },
  ])('is told by the number of pages: %j', ({ page, firstPage, pages, more }) => {
    const answer = { records: 'data', pages: 'pages' };
    const [variant] = variantsOf({ ...stream, firstPage, answer });
    expect(variant.read({ data: [], pages }, { partition: WHOLE_STREAM, page, size: 2 }).more).toBe(more);
  });

  test.each([
    [{ links: { next: 'https://x' } }, true],
    [{ links: { next: null } }, false],
    [{ links: [], next: '/x' }, true],
    [{ next: null }, false],
    [{ next: '' }, false],
    [{ next: 7 }, undefined],
    [{}, undefined],
  ])('is told by an address that is not followed: %j', (body, more) => {
    expect(readAnswer({ records: 'data', link: ['links.next', 'next'] }, { data: [], ...body }).more).toBe(more);
  });

  test.each([
    { more: true, pages: 1, next: null },
    { more: false, pages: 9, next: null },
    { pages: 1, next: 'x' },
    { more: 'no', pages: '', next: 'x' },
  ])('is not believed if another signal contradicts it and the page has records: %j', (told) => {
    const answer = { records: 'data', more: 'more', pages: 'pages', link: 'next' };
    expect(readAnswer(answer, { data: [1], ...told }).more).toBe(true);
    expect(readAnswer(answer, { data: [], ...told }).more).toBe(told.more === 'no');
  });

  test('is believed if all signals agree', () => {
    const answer = { records: 'data', more: 'more', pages: 'pages', link: 'next' };
    expect(readAnswer(answer, { data: [1], more: false, pages: 1, next: null }).more).toBe(false);
    expect(readAnswer(answer, { data: [], more: true, pages: 9, next: 'x' }).more).toBe(true);
  });
});

describe('the ways to request a list', () => {
  const answer = { records: 'data' };
  const ask = () => ({ body: {} });

  test('have what they leave out from the stream', () => {
    const variants = variantsOf({
      ...stream,
      firstPage: 0,
      answer,
      otherwise: [
        { ask, firstPage: 1 },
        { name: 'v2', path: '/v2' },
      ],
    });
    expect(variants.map(({ name, path, firstPage }) => ({ name, path, firstPage }))).toEqual([
      { name: 'first', path: '/calls', firstPage: 0 },
      { name: 'otherwise-1', path: '/calls', firstPage: 1 },
      { name: 'v2', path: '/v2', firstPage: 0 },
    ]);
    expect(variants.map((variant) => variant.ask)).toEqual([stream.ask, ask, stream.ask]);
    const request = { partition: WHOLE_STREAM, page: 1, size: 2 };
    for (const { read: readBy } of variants) expect(readBy({ data: [1] }, request).records).toEqual([1]);
  });

  test('may each have an answer of their own, or read it themselves', () => {
    const own = { records: 'calls' };
    const reader = () => ({ records: ['read'] });
    const [first, second, third] = variantsOf({ ...stream, answer, otherwise: [{ answer: own }, { read: reader }] });
    const request = { partition: WHOLE_STREAM, page: 1, size: 2 };
    expect(first.read({ data: [1] }, request).records).toEqual([1]);
    expect(second?.read({ calls: [2] }, request).records).toEqual([2]);
    expect(third?.read({}, request).records).toEqual(['read']);
    expect(second?.records({ calls: [2] }, request)).toEqual([2]);
  });
});
