import { describe, expect, test } from 'vitest';
import { guessCalls } from '../../../../local/commands/new-source/guess-calls.ts';
import { guessColumns } from '../../../../local/commands/new-source/guess-columns.ts';
import { readSample } from '../../../../local/commands/new-source/read-sample.ts';
import { sourceFile } from '../../../../local/commands/new-source/write-source.ts';
import { tableFile } from '../../../../local/commands/new-source/write-table.ts';

/** What is written for a sample of these records. */
function written(records: readonly object[], envelope: (list: readonly object[]) => unknown) {
  const sample = readSample(JSON.stringify(envelope(records)), 'sample.json');
  const { columns, key = 'id' } = guessColumns(sample.records);
  const table = { source: 'nova', key, ...guessCalls(columns, sample.records) };
  return { source: sourceFile(table, sample), table: tableFile(table) };
}

describe('new-source', () => {
  test.each([
    { says: 'a token beside a list that is paged by it', envelope: { nextPageToken: 'x' }, has: ['pageToken: next'] },
    {
      says: 'an offset',
      envelope: { offset: 0, limit: 2, total: '9' },
      has: ["import { byOffset } from '../source/paging.ts'", 'offset: next, limit: size', "total: 'total'"],
    },
    {
      says: 'a link with an offset',
      envelope: { links: { next: 'https://x.example/c?offset=2&limit=2' } },
      has: ['next: byOffset', "link: 'links.next'", 'offset: next, limit: size'],
    },
    {
      says: 'a link without a query',
      envelope: { _links: { next: { href: '/calls' } } },
      has: ["link: '_links.next.href'", 'page, limit: size'],
    },
    {
      says: 'a link that is null',
      envelope: { next_page_url: null, page: 0 },
      has: ['firstPage: 0', "link: 'next_page_url'"],
    },
    {
      says: 'a flag and a count as text',
      envelope: { hasMore: 'true', totalCount: '7' },
      has: ["more: 'hasMore'", "total: 'totalCount'"],
    },
    {
      says: 'a parameter with a hyphen',
      envelope: { next: '/c?page-token=x' },
      has: ["'page-token': next", "inLink('next', 'page-token')"],
    },
  ])('finds $says', ({ envelope, has }) => {
    const { source } = written([{ id: 'c1' }, { id: 'c2' }], (calls) => ({ ...envelope, calls }));
    for (const text of has) expect(source).toContain(text);
  });

  test('takes a count of the page’s records for no total, and the longest list for that of the records', () => {
    const { source } = written([{ id: 'c1' }, { id: 'c2' }], (calls) => ({
      count: 2,
      fields: [{ id: 'x' }],
      calls,
    }));
    expect(source).toContain("answer: { records: 'calls' },");
  });

  test('takes an object with an id for a record, whatever lists it has', () => {
    const { table } = written([], () => ({ id: 'c1', turns: [{ id: 't1' }, { id: 't2' }] }));
    expect(table).toContain("turns: json({ path: 'turns'");
  });
});
