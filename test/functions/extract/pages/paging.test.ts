import { describe, expect, test } from 'vitest';
import { clinic, idsOf, SOLUM_ID, withPagination } from '../../../helpers/clinic.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { type SolumPage, solumCalls } from '../../../helpers/solum-server.ts';

describe('the end of a list', () => {
  test.each([
    { says: 'is the vendor’s own flag', bend: (page: SolumPage) => page, pages: 3 },
    {
      says: 'is the flag if it is text',
      bend: (page: SolumPage) => withPagination(page, { has_more: String(page.pagination?.['has_more']) }),
      pages: 3,
    },
    {
      says: 'is an empty page if the flag is missing',
      bend: (page: SolumPage) => withPagination(page, { has_more: undefined }),
      pages: 4,
    },
    {
      says: 'is an empty page if the answer has no pagination',
      bend: ({ data }: SolumPage) => ({ data }),
      pages: 4,
    },
    {
      says: 'is not a short page',
      bend: (page: SolumPage, { query }: { query: Readonly<Record<string, string>> }) =>
        query['page'] === '1' ? { ...page, data: page.data.slice(1) } : page,
      pages: 3,
      missing: ['1'],
    },
    {
      says: 'is not an empty page if the flag says that more follows',
      bend: (page: SolumPage, { query }: { query: Readonly<Record<string, string>> }) =>
        query['page'] === '2' ? { ...page, data: [] } : page,
      pages: 4,
      missing: ['6', '7', '8', '9', '10'],
    },
  ])('$says', async ({ bend, pages, missing = [] }) => {
    const calls = solumCalls(13);
    const { run, ids } = await clinic(calls, {
      bend: (page, request) => withoutTotal(bend(page, request), missing.length > 0),
    });
    const { exitCode, asked } = await run(0);
    expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: pages });
    expect(await ids()).toEqual(idsOf(calls).filter((id) => !missing.includes(id)));
  });

  test('that never comes fails the stream, and every row is kept', async () => {
    const calls = solumCalls(7);
    const { run, ids, store } = await clinic(calls, { bend: (page) => withPagination(page, { has_more: true }) });
    const { exitCode, streams, asked } = await run(0);
    expect({ exitCode, asked }).toEqual({ exitCode: 4, asked: 5 });
    expect(streams[0]?.error).toMatch(/3 pages in a row showed nothing new, and the answer says that more follow/);
    expect(await ids()).toEqual(idsOf(calls));
    expect((await commitsOf(store, SOLUM_ID)).at(-1)?.status).toBe('failed');
  });
});

const withoutTotal = (page: SolumPage, really: boolean): SolumPage =>
  really && page.pagination ? withPagination(page, { total: undefined }) : page;

describe('a server that does not turn its pages', () => {
  test('is detected by the page number that it echoes', async () => {
    const { run, ids } = await clinic(solumCalls(20), {
      bend: (page) => withPagination({ ...page, data: solumCalls(5) }, { page: 1 }),
    });
    const { exitCode, streams } = await run(0);
    expect(exitCode).toBe(4);
    expect(streams[0]?.error).toMatch(/page 2 was requested and the answer says another page/);
    expect(await ids()).toHaveLength(5);
  });

  test('is detected by a repeated page', async () => {
    const { run } = await clinic(solumCalls(20), {
      bend: ({ data, pagination }, { query }) => ({
        data: Number(query['page']) > 1 ? solumCalls(10).slice(5) : data,
        pagination: { has_more: pagination?.['has_more'] },
      }),
    });
    const { exitCode, streams } = await run(0);
    expect(exitCode).toBe(4);
    expect(streams[0]?.error).toMatch(/page 4 repeats the page before it/);
  });

  test('is detected by a repeated full page if it sends no pagination', async () => {
    const { run } = await clinic(solumCalls(20), { bend: () => ({ data: solumCalls(5) }) });
    const { exitCode, streams } = await run(0);
    expect(exitCode).toBe(4);
    expect(streams[0]?.error).toMatch(/page 2 repeats the page before it/);
  });

  test.each([3, 8])('is read completely if it sends all %d records each time', async (count) => {
    const { run, ids } = await clinic(solumCalls(count), { bend: () => ({ data: solumCalls(count) }) });
    // The repeated page is requested once more before it is believed.
    expect(await run(0)).toMatchObject({ exitCode: 0, asked: 3 });
    expect(await ids()).toHaveLength(count);
  });
});

describe('a page size', () => {
  test('that the server lowers costs requests but loses no record', async () => {
    const calls = solumCalls(20);
    const server = await clinic(calls, {
      bend: (_page, { query }) => {
        const page = Number(query['page']);
        const data = calls.slice((page - 1) * 3, page * 3);
        return { data, pagination: { has_more: page * 3 < calls.length, total: 20, page, limit: 3 } };
      },
    });
    expect(await server.run(0)).toMatchObject({ exitCode: 0, asked: 7 });
    expect(await server.ids()).toEqual(idsOf(calls));
  });
});
