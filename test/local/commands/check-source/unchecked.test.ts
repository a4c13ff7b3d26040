import { expect, test } from 'vitest';
import { defineSource, type PerParentStream, type Source, type Stream } from '../../../../functions/source/source.ts';
import { id, timestamp } from '../../../../schemas/column.ts';
import type { Table } from '../../../../schemas/table.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { failures, resultsOf } from '../../../helpers/conformance.ts';

const { calls, call_details: details } = postbox.streams;
if (!calls || !details) throw new Error('no streams');

/** The source with other calls, which have details. */
function withCalls(stream: Partial<Stream>): Source {
  return defineSource({ ...postbox, streams: { calls: { ...calls, ...stream } as Stream } });
}

const NOTES: Table = {
  ...details.tables[0],
  key: ['note'],
  columns: { note: id({ path: 'note', nullable: false, doc: '.' }), at: timestamp({ path: 'at', doc: '.' }) },
};

const listedBy = (partitions: NonNullable<Stream['partitions']>, more: Partial<Source> = {}) =>
  defineSource({ ...postbox, streams: { calls: { ...calls, details: {}, partitions } as Stream }, ...more });

test.each([
  { how: 'gives none', partitions: () => [], seen: 'partitions gives none' },
  {
    how: 'gives only what a full scan reads',
    partitions: () => [{ id: 'all', context: {}, sweepOnly: true }],
    seen: 'partitions gives none',
  },
  {
    how: 'fails',
    partitions: () => {
      throw new TypeError('x is undefined');
    },
    seen: 'partitions fails (x is undefined)',
  },
])('says nothing of a stream whose partitions $how', async ({ partitions, seen }) => {
  const results = await resultsOf(listedBy(partitions));
  expect(results.map(({ stream, name }) => `${stream}: ${name}`)).toEqual(['calls: every case']);
  expect(failures(results)['every case']).toBe(
    `nothing is checked: ${seen}; expected one or more that are not sweepOnly, given nothing else; check partitions`,
  );
});

test('says nothing of details whose records have no list', async () => {
  const results = await resultsOf(withCalls({ partitions: () => [] }));
  expect(results.map(({ stream, name }) => `${stream}: ${name}`)).toEqual([
    'calls: every case',
    'call_details: every case',
  ]);
  expect(failures(results)['every case']).toContain('given records of calls');
});

test.each([
  ['words', /^[a-z]/],
  ['numbers', /^\d/],
])('says nothing of lists that an option names, before it has tried %s', async (_of, form) => {
  const partitions: Stream['partitions'] = ({ options: { POSTBOX_LINES = '' } }) =>
    POSTBOX_LINES.split(',').flatMap((id) => (form.test(id) ? { id, context: {}, query: { line: id } } : []));
  const results = await resultsOf(listedBy(partitions, { options: ['POSTBOX_LINES'] }));
  expect(failures(results)).toEqual({});
  expect(results.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(8);
});

test('says nothing of lists that depend on records which cannot be made', async () => {
  const users = { ...calls, details: {}, answer: undefined, read: () => ({ records: [] }) } as unknown as Stream;
  const partitions: Stream['partitions'] = ({ recordsOf }) =>
    [...recordsOf('users')].map(([id]) => ({ id, context: {} }));
  const streams = { users, calls: { ...calls, details: {}, partitions } as Stream };
  const results = await resultsOf({ ...postbox, streams });
  expect(results.find(({ stream }) => stream === 'calls')?.outcome).toEqual({
    notApplicable: 'not checked: its lists depend on records of users, of which none can be made',
  });
});

test('says nothing of a case that plays with a request which never comes', async () => {
  const notes = {
    ...{ kind: 'per-parent', parent: 'calls', readAtAges: ['1h'], thenEvery: '30d' },
    ...{ tables: [NOTES], path: '/v3/notes', pageSize: 4 },
    partitions: ({ recordsOf }) => [...recordsOf('calls').keys()].slice(0, 1).map((id) => ({ id, context: { id } })),
    ask: ({ next }) => ({ query: { cursor: next } }),
    answer: { records: 'notes', next: 'next' },
  } satisfies PerParentStream as PerParentStream;
  const results = await resultsOf({ ...postbox, streams: { calls: { ...calls, details: {} } as Stream, notes } });
  expect(
    results.find(({ name, stream }) => stream === 'notes' && name === 'a token that has expired is not the end')
      ?.outcome,
  ).toEqual({
    notApplicable: 'not checked: no run makes the request that it is about',
  });
});
