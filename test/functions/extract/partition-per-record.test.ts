import { expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { bearer } from '../../../functions/source/auth.ts';
import { partitionPerRecord } from '../../../functions/source/details.ts';
import { defineSource } from '../../../functions/source/source.ts';
import { commitsOf, committedRows } from '../../../local/commands/check-source/committed-rows.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { id, timestamp } from '../../../schemas/column.ts';
import { defineTable } from '../../../schemas/table.ts';
import { failures, resultsOf } from '../../helpers/conformance.ts';
import { makePorts } from '../../helpers/ports.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const lines = defineTable({
  ...{ name: 'nova_lines', source: 'nova', doc: 'One row per line of an office.', key: ['id', 'office_id'] },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the line.' }),
    office_id: id({ path: 'officeId', nullable: false, doc: 'Id of its office.' }),
  },
});
const calls = defineTable({
  ...{ name: 'nova_calls', source: 'nova', doc: 'One row per call.', key: ['id'], removal: 'never' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the call.' }),
    line_id: id({ path: '$id', doc: 'Its line.' }),
    office_id: id({ path: '$office_id', doc: 'Its office.' }),
    started_at: timestamp({ path: 'startedAt', doc: 'Start.' }),
  },
});

const source = defineSource({
  ...{ name: 'nova', baseUrl: 'https://api.nova.example', auth: bearer('NOVA_TOKEN') },
  streams: {
    lines: {
      ...{ tables: [lines], path: '/lines', pageSize: 50, ask: ({ page }) => ({ query: { page } }) },
      answer: { records: 'data', total: 'total' },
    },
    calls: {
      ...{ kind: 'per-parent', parent: 'lines', readAtAges: ['15m', '1h'], thenEvery: '1d' },
      ...{ tables: [calls], path: '/lines/{id}/calls', pageSize: 50 },
      partitions: ({ recordsOf }) => partitionPerRecord(lines, recordsOf('lines')),
      ask: ({ next, partition }) => ({ query: { office: partition.params?.['office_id'], cursor: next } }),
      answer: { records: 'data', next: 'next' },
    },
  },
});

test('the lists of the records of another stream are requested with all parts of their keys', async () => {
  const server = await scriptedServer(({ path, query: { office } }) => {
    if (path !== '/lines') return { json: { data: [{ id: `${path}/${office}`.replace(/\W/g, '-') }] } };
    // The second has a telephone number for an id, of which only a hash is known.
    const data = ['l1', '+12025550100', 'l3'].map((line, n) => ({ id: line, officeId: `o${n}` }));
    return { json: { data, total: 3 } };
  });
  const ports = makePorts({ store: memoryStore(), env: { NOVA_TOKEN: 'token' } });
  const settings = parseSettings({ sources: { nova: { maxRps: 1000, baseUrl: server.url } } }, 'test');
  const { exitCode } = await extractAccount(
    source,
    { account: 'default', at: new Date('2026-11-01'), settings },
    ports,
  );
  expect(exitCode).toBe(0);
  const asked = server.requests
    .filter(({ path }) => path !== '/lines')
    .map(({ path, query }) => [path, query['office']]);
  expect(asked.sort()).toEqual([
    ['/lines/l1/calls', 'o0'],
    ['/lines/l3/calls', 'o2'],
  ]);
  const commits = await commitsOf(ports, { source: 'nova', account: 'default', stream: 'calls' });
  const rows = [...(await committedRows(ports, commits, calls)).values()];
  expect(rows.map(({ line_id, office_id }) => [line_id, office_id]).sort()).toEqual([
    ['l1', 'o0'],
    ['l3', 'o2'],
  ]);
});

test('such a source passes check-source', async () => {
  const results = await resultsOf(source);
  expect(failures(results)).toEqual({});
  expect(results.filter(({ stream, outcome }) => stream === 'calls' && outcome === 'ok').length).toBeGreaterThan(4);
});
