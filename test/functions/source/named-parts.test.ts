import { describe, expect, test } from 'vitest';
import { isAnyNamed, unnamedParts } from '../../../functions/source/named-parts.ts';

describe('parts of an answer that no field has the name of', () => {
  const answer = { records: 'data', page: 'meta.page', total: 'meta.total', more: 'more' };
  test.each([
    { body: { meta: { page: 1, total: 2 }, more: true }, isFull: true, unnamed: [] },
    { body: { meta: { page: null, total: null }, more: null }, isFull: true, unnamed: [] },
    { body: { meta: { page: 1 }, more: true }, isFull: true, unnamed: ['meta.total (answer.total)'] },
    { body: { meta: { page: 1, total: 2 } }, isFull: true, unnamed: ['more (answer.more)'] },
    { body: { meta: { page: 1, total: 2 } }, isFull: false, unnamed: [] },
    {
      body: { page: 1, total: 2, more: true },
      isFull: false,
      unnamed: ['meta.page (answer.page)', 'meta.total (answer.total)'],
    },
    { body: [], isFull: true, unnamed: ['meta.page (answer.page)', 'meta.total (answer.total)', 'more (answer.more)'] },
  ])('are $unnamed of $body, full: $isFull', ({ body, isFull, unnamed }) => {
    expect(unnamedParts(answer, body, isFull)).toEqual(unnamed);
  });

  test('are not looked for where several paths are declared, or none', () => {
    expect(unnamedParts({ records: 'data', total: ['total', 'count'] }, {}, true)).toEqual([]);
  });
});

test.each<{ body: unknown; paths: string | [string, string]; isNamed: boolean }>([
  { body: { next: null }, paths: 'next', isNamed: true },
  { body: { links: { next: 'a' } }, paths: ['cursor', 'links.next'], isNamed: true },
  { body: { links: {} }, paths: ['cursor', 'links.next'], isNamed: false },
  { body: { links: 'next' }, paths: 'links.next', isNamed: false },
  { body: { toString: 1 }, paths: 'constructor', isNamed: false },
])('one of $paths is a name of a field of $body: $isNamed', ({ body, paths, isNamed }) => {
  expect(isAnyNamed(body, paths)).toBe(isNamed);
});
