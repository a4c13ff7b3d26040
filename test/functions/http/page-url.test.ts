import { expect, test } from 'vitest';
import { pageUrl } from '../../../functions/http/send.ts';
import type { Partition } from '../../../functions/source/page.ts';
import type { AskedRequest } from '../../../functions/source/paging.ts';

const BASE = 'https://vendor.example/prefix';

interface Case {
  readonly says: string;
  readonly path: string;
  readonly partition: Partial<Partition>;
  readonly query: NonNullable<AskedRequest['query']>;
  readonly url: string;
}

const CASES: readonly Case[] = [
  { says: 'a path alone', path: '/calls', partition: {}, query: {}, url: `${BASE}/calls` },
  { says: 'a query', path: '/calls', partition: {}, query: { page: '1' }, url: `${BASE}/calls?page=1` },
  {
    says: 'the partition’s query, before that of the page',
    path: '/calls',
    partition: { query: { direction: 'inbound' } },
    query: { page: '1' },
    url: `${BASE}/calls?direction=inbound&page=1`,
  },
  {
    says: 'the page’s query in place of the partition’s',
    path: '/calls',
    partition: { query: { page: '9' } },
    query: { page: '1' },
    url: `${BASE}/calls?page=1`,
  },
  {
    says: 'the partition’s parameters',
    path: '/users/{user}/calls/{call}',
    partition: { params: { user: '101', call: '7' } },
    query: {},
    url: `${BASE}/users/101/calls/7`,
  },
  {
    says: 'an encoded parameter, which cannot leave its place',
    path: '/users/{user}/calls',
    partition: { params: { user: '../a?b=c#d e' } },
    query: {},
    url: `${BASE}/users/..%2Fa%3Fb%3Dc%23d%20e/calls`,
  },
  {
    says: 'a list as a repeated parameter, and nothing that is undefined',
    path: '/calls',
    partition: {},
    query: { page: 2, of: ['a', 'b'], is: true, from: undefined },
    url: `${BASE}/calls?page=2&of=a&of=b&is=true`,
  },
  {
    says: 'an encoded query',
    path: '/calls',
    partition: {},
    query: { from: '2026-11-01T09:00:00+00:00', q: 'a&b=c' },
    url: `${BASE}/calls?from=2026-11-01T09%3A00%3A00%2B00%3A00&q=a%26b%3Dc`,
  },
];

test.each(CASES)('the address of a page has $says', ({ path, partition, query, url }) => {
  expect(pageUrl(BASE, path, { id: 'x', context: {}, ...partition }, query)).toBe(url);
});

test.each([{}, { params: {} }, { params: { user: '' } }])(
  'a path whose parameter nothing fills is refused: %j',
  (own) => {
    expect(() => pageUrl(BASE, '/users/{user}', { id: 'x', context: {}, ...own }, {})).toThrow(
      '/users/{user}: nothing fills {user}; expected a parameter of the partition, or a credential or option',
    );
  },
);
