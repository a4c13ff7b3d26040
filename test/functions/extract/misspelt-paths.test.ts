import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../functions/source/paging.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { judgeAnswers } from '../../../local/commands/check-source/online-answers.ts';
import { bigint, id, text } from '../../../schemas/column.ts';
import { listOf } from '../../../schemas/json-text.ts';
import { defineTable } from '../../../schemas/table.ts';
import capped from '../../fixtures/sources/capped.ts';
import { lakeOf } from '../../helpers/run-lake.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const { calls: stream } = capped.streams as { readonly calls: Stream };
const SIZE = 4;

/** A source whose pages have tokens in `next_token`, and what the vendor does besides. */
async function tokens(
  answer: Partial<Answer>,
  vendor: { count: number; total?: boolean; ignoresSize?: boolean; half?: ScriptedAnswer | undefined },
) {
  const declared = {
    ...stream,
    window: undefined,
    ask: ({ size, next }: Parameters<Stream['ask']>[0]) => ({ query: { limit: size, next } }),
    answer: { records: 'calls', ...answer },
  };
  const source: Source = { ...capped, streams: { calls: declared as unknown as Stream } };
  const state: typeof vendor = { ...vendor };
  const server = await scriptedServer(({ query }: ScriptedRequest) => {
    const begin = Number(query['next'] ?? 0);
    if (state.half && Number(query['limit']) < SIZE) return state.half;
    const size = state.ignoresSize ? SIZE : Number(query['limit']);
    const calls = Array.from({ length: state.count }, (_, n) => ({ id: `c${n}`, started_at: 1_760_000_000 - n }));
    const end = Math.min(begin + size, state.count);
    const token = end < state.count ? { next_token: String(end) } : {};
    const meta = state.total ? { meta: { total: state.count } } : {};
    return { json: { calls: calls.slice(begin, end), ...token, ...meta } };
  });
  return { state, ...lakeOf(source, server) };
}

const NO_TOKEN =
  'capped.calls: /v1/calls: no answer had a field next_tokn (answer.next), and the first page is full; expected the token of the next page, ' +
  'because more records follow. What was shown is kept; correct the declaration';

describe('a misspelt path of the next token', () => {
  test.each([
    ['without a total, where half of the page has none either', { next: 'next_tokn' }, false, ['4', '2']],
    ['with a total', { next: 'next_tokn', total: 'meta.total' }, true, ['4']],
  ] as const)('is named by each run, %s', async (_name, answer, total, asked) => {
    const { run, live } = await tokens(answer, { count: 10, total });
    for (const hours of [0, 73, 75]) {
      const { exitCode, error, stream: result, ...made } = await run(hours);
      expect({ exitCode, error, deleted: result?.deleted }).toEqual({ exitCode: 4, error: NO_TOKEN, deleted: 0 });
      // What is new is read first in the later ones, and then the full scan that failed.
      const limits = made.asked.map(({ query }) => query['limit']);
      expect(hours === 0 ? limits : limits.slice(0, asked.length)).toEqual(asked);
    }
    expect(await live()).toHaveLength(SIZE);
  });

  test('is doubted where the vendor refuses half of a page', async () => {
    const { run } = await tokens({ next: 'next_tokn' }, { count: 10, half: { status: 400, body: '{}' } });
    const { exitCode, lines } = await run(0);
    expect(exitCode).toBe(0);
    expect(lines.map(({ message }) => message).join()).toContain(
      'if the list has more records, correct the declaration',
    );
  });

  test('is not known where half of a page cannot be read, so that the first load goes on', async () => {
    const { run, state, live } = await tokens({ next: 'next_tokn' }, { count: 10, half: { json: { error: 'busy' } } });
    expect(await run(0)).toMatchObject({
      exitCode: 4,
      error: expect.stringContaining('failure with status 200 (error)'),
    });
    expect(await live()).toHaveLength(SIZE);
    state.half = undefined;
    expect(await run(1)).toMatchObject({ exitCode: 4, error: NO_TOKEN });
  });

  test('is doubted where the vendor ignores the size of a page, and such a list proves no removal', async () => {
    const { run, live, state } = await tokens({ next: 'next_tokn' }, { count: SIZE, ignoresSize: true });
    const { exitCode, lines } = await run(0);
    expect(exitCode).toBe(0);
    expect(lines.map(({ message }) => message)).toContain(
      '/v1/calls: no answer had a field next_tokn (answer.next), and the first page is full; if the list has more records, correct the declaration',
    );
    expect(state.count).toBe(SIZE);
    expect(await live()).toHaveLength(SIZE);
  });
});

describe('a list of tokens is complete without a doubt', () => {
  test.each([
    ['if its only page is full', SIZE],
    ['if its only page is not full', SIZE - 1],
    ['if its last page is full', 2 * SIZE],
    ['if it is empty', 0],
  ])('%s', async (_name, count) => {
    const { run, live } = await tokens({ next: 'next_token' }, { count });
    const { exitCode, lines } = await run(0);
    expect(exitCode).toBe(0);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
    expect(await live()).toHaveLength(count);
  });
});

test('parts of an answer that no field has the name of are told at the first load', async () => {
  const { run, state } = await tokens(
    { next: 'next_token', total: 'meta.totl', page: 'pagee', more: 'has_more', pages: ['a', 'b'] },
    { count: SIZE + 1, total: true },
  );
  const told = (await run(0)).lines.map(({ message }) => message);
  const misspelt = (part: string) =>
    `/v1/calls: no answer had a field ${part}; if its name is misspelt, correct the declaration`;
  expect(told).toEqual(
    expect.arrayContaining(['pagee (answer.page)', 'meta.totl (answer.total)', 'has_more (answer.more)'].map(misspelt)),
  );
  expect(told.join()).not.toContain('answer.pages');
  state.count += 1;
  expect((await run(1)).lines.map(({ message }) => message).join()).not.toContain('no answer had');
});

describe('a path of a column', () => {
  const columns = {
    ...stream.tables[0].columns,
    agent: text({ path: 'people.name', doc: 'Agent.' }),
    first: text({ path: 'meta.people.0.name', doc: 'First agent.' }),
    either: text({ path: ['people.name', 'meta.name'], doc: 'Agent, somewhere.' }),
    gone: text({ path: 'empty.name', doc: 'An object that PHP wrote.' }),
  };
  const calls = { ...stream, tables: [{ ...stream.tables[0], columns }], window: undefined, details: {} };

  test('that leads into a list is named by the first page, and its value is kept', async () => {
    const source = { ...capped, streams: { calls: calls as unknown as Stream } };
    const people = [{ name: 'Ada' }];
    const call = { id: 'c0', started_at: 1_760_000_000, people, meta: { people, name: 'Ada' }, empty: [] };
    const server = await scriptedServer(() => ({ json: { calls: [call], meta: { current_page: 1, total: 1 } } }));
    const { run } = lakeOf(source, server);
    const { exitCode, lines } = await run(0);
    const told = lines.map(({ message }) => message).filter((message) => message.includes('is a list'));
    const remedy = 'expected an object; read the list as json, or its elements in a table of their own (explode)';
    expect({ exitCode, told }).toEqual({
      exitCode: 0,
      told: [
        `/v1/calls: path "people.name" of column agent: people is a list; ${remedy}`,
        `/v1/calls: path "meta.people.0.name" of column first: meta.people is a list; ${remedy}`,
      ],
    });
    expect((await run(1)).lines.map(({ message }) => message).join()).not.toContain('is a list');
  });

  test('that leads into a text or a number is named by the first page', async () => {
    const source = { ...capped, streams: { calls: calls as unknown as Stream } };
    const call = { id: 'c0', started_at: 1_760_000_000, people: 'Ada', meta: { people: 3, name: 'Ada' }, empty: '' };
    const server = await scriptedServer(() => ({ json: { calls: [call], meta: { current_page: 1, total: 1 } } }));
    const { exitCode, lines } = await lakeOf(source, server).run(0);
    const told = lines.map(({ message }) => message).filter((message) => message.includes('expected an object'));
    expect({ exitCode, told }).toEqual({
      exitCode: 0,
      told: [
        '/v1/calls: path "people.name" of column agent: people is text; expected an object; correct the path, or ask the vendor',
        '/v1/calls: path "meta.people.0.name" of column first: meta.people is a number; expected an object; correct the path, or ask the vendor',
      ],
    });
  });

  test('that leads into a list fails in check-source --online', () => {
    const records = [{ id: 'c0', started_at: 1, people: [{ name: 'Ada' }] }];
    const results = [...judgeAnswers({ ...calls, order: [] } as unknown as Stream, [{ body: {}, records }], 4)];
    expect(results.filter(({ isOk, name }) => isOk === false && name.startsWith('column'))).toEqual([
      {
        name: 'column agent',
        isOk: false,
        seen: 'path people.name: people is a list; expected an object; read the list as json, or its elements in a table of their own (explode)',
      },
      { name: 'column either', isOk: false, seen: expect.stringContaining('people is a list') },
    ]);
  });
});

describe('a path of a child table', () => {
  const parts = (key: string) =>
    defineTable({
      ...{
        name: 'capped_parts',
        source: 'capped',
        doc: 'Parts of calls.',
        key: ['call_id', 'n'],
        removal: 'with-parent',
      },
      explode: (record) => listOf(record['parts']),
      columns: {
        call_id: id({ path: '^id', nullable: false, doc: 'Call.' }),
        n: bigint({ path: key, nullable: false, doc: 'Number of the part.' }),
        word: text({ path: 'words.text', doc: 'First word.' }),
        agent: text({ path: '^people.name', doc: 'Agent of the call.' }),
        said: text({ path: ['words.text', 'said.text'], doc: 'What was said.' }),
      },
    });
  const call = (n: number) => {
    const own = [0, 1, 2].map((part) => ({ n: part, words: [{ text: 'a' }], said: { text: 'a' } }));
    return { id: `c${n}`, started_at: 1_760_000_000 - n, people: [{ name: 'Ada' }], parts: own };
  };
  const withParts = (key: string) =>
    ({ ...stream, tables: [stream.tables[0], parts(key)], window: undefined, details: {} }) as unknown as Stream;
  const firstRun = async (key: string) => {
    const server = await scriptedServer(() => ({
      json: { calls: [call(0), call(1)], meta: { current_page: 1, total: 2 } },
    }));
    return lakeOf({ ...capped, streams: { calls: withParts(key) } }, server).run(0);
  };

  test('that leads into a list is named by the first page', async () => {
    const { exitCode, lines } = await firstRun('n');
    const told = lines.map(({ message }) => message).filter((message) => message.includes('is a list'));
    const remedy = 'expected an object; read the list as json, or its elements in a table of their own (explode)';
    expect({ exitCode, told }).toEqual({
      exitCode: 0,
      told: [
        `/v1/calls: path "words.text" of column capped_parts.word: words is a list; ${remedy}`,
        `/v1/calls: path "^people.name" of column capped_parts.agent: ^people is a list; ${remedy}`,
      ],
    });
  });

  test('of a key that no element has fails the first load', async () => {
    const { exitCode, error } = await firstRun('number');
    expect({ exitCode, error }).toEqual({
      exitCode: 4,
      error:
        'capped.calls: /v1/calls: no element of this page has a field number; expected key column n of capped_parts; correct the declaration. ' +
        'Its records are kept raw',
    });
  });

  test('that is wrong fails in check-source --online', () => {
    const results = [...judgeAnswers(withParts('number'), [{ body: {}, records: [call(0)] }], 4)];
    const failed = results.filter(({ isOk, name }) => isOk === false && /parts/.test(name));
    expect(failed.map(({ name, seen }) => [name, seen])).toEqual([
      ['column capped_parts.word', expect.stringContaining('path words.text: words is a list')],
      ['column capped_parts.agent', expect.stringContaining('path ^people.name: ^people is a list')],
      ['key capped_parts.n', 'no element has number; check the path of key column n'],
    ]);
  });
});
