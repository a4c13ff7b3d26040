import { expect, test } from 'vitest';
import { purgeDigest } from '../../../functions/erase/purge-digest.ts';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { commitsOf, committedRows } from '../../../local/commands/check-source/committed-rows.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { code } from '../../../schemas/column.ts';
import type { Table } from '../../../schemas/table.ts';
import quo, { quoCalls, quoConversations } from '../../fixtures/sources/quo.ts';
import { failures, resultsOf } from '../../helpers/conformance.ts';
import { objectsWith } from '../../helpers/objects-with.ts';
import { makePorts } from '../../helpers/ports.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const HOUR = 3_600_000;
const BEGIN = Date.parse('2026-11-01T09:00:00Z');
const NUMBER = '+12025550101';

interface Conversation {
  readonly id: string;
  readonly participants: readonly string[];
  readonly lastActivityAt: string;
  readonly consent?: string;
}

const conversation = (n: number, change: Partial<Conversation> = {}): Conversation => ({
  id: `CN${n}`,
  participants: [`+1202555010${n}`],
  lastActivityAt: new Date(BEGIN - n * HOUR).toISOString(),
  ...change,
});

/** A vendor that lists the calls of a number with one participant, and refuses all other requests. */
async function quoWorld(source: Source = quo, onVendorRemoval: 'mark' | 'blank' = 'mark') {
  const store = memoryStore();
  const list = [1, 2, 3].map((n) => conversation(n));
  const server = await scriptedServer(({ path, query: { phoneNumberId, participants, pageToken = '0' } }) => {
    if (path === '/v1/conversations') {
      const end = Number(pageToken) + 100;
      const data = list.slice(Number(pageToken), end).map((one) => ({ phoneNumberId: `PN${one.id}`, ...one }));
      return { json: { data, nextPageToken: end < list.length ? String(end) : null } };
    }
    if (!phoneNumberId || !participants) return { status: 400, body: '{"message":"required"}' };
    const calls = [
      { id: `AC-${phoneNumberId}`, createdAt: '2026-11-01T08:00:00Z', duration: 60, direction: 'incoming' },
    ];
    return { json: { data: calls, nextPageToken: null } };
  });
  const settings = parseSettings({ onVendorRemoval, sources: { quo: { maxRps: 1000, baseUrl: server.url } } }, 'test');
  const run = async (hours: number, one: Source = source) => {
    const before = server.requests.length;
    const ports = makePorts({ store, env: { QUO_API_KEY: 'key' }, clock: { ms: BEGIN + hours * HOUR } });
    const at = new Date(BEGIN + hours * HOUR);
    const { exitCode } = await extractAccount(one, { account: 'default', at, settings }, ports);
    const asked = server.requests.slice(before).filter(({ path }) => path === '/v1/calls');
    return {
      exitCode,
      asked: asked.map(({ query: { phoneNumberId, participants } }) => [phoneNumberId, participants]).sort(),
    };
  };
  const rowsOf = async (stream: string, table: Table) => {
    const commits = await commitsOf({ store }, { source: 'quo', account: 'default', stream });
    return { commits, rows: await committedRows(makePorts({ store }), commits, table) };
  };
  return { store, list, run, rowsOf };
}

/** The source with another table of conversations. */
function withTable(table: Table): Source {
  const { conversations, calls } = quo.streams;
  if (!conversations || !calls) throw new Error('no streams');
  return { ...quo, streams: { conversations: { ...conversations, tables: [table] }, calls } };
}

test('the lists of records are requested with the values that their table hands on', async () => {
  const { run, rowsOf, list } = await quoWorld();
  const { exitCode, asked } = await run(0);
  expect({ exitCode, asked }).toEqual({
    exitCode: 0,
    asked: [1, 2, 3].map((n) => [`PNCN${n}`, `+1202555010${n}`]),
  });
  const { rows } = await rowsOf('calls', quoCalls);
  expect([...rows.values()].map((row) => row['conversation_id']).sort()).toEqual(['CN1', 'CN2', 'CN3']);
  list[1] = conversation(2, { participants: ['+12025550199'] });
  expect((await run(0.2)).asked).toEqual([['PNCN2', '+12025550199']]);
  expect((await run(0.3)).asked).toEqual([]);
  expect((await run(2)).asked.length).toBe(3);
});

test('a record without such a value is counted, and no list is requested for it', async () => {
  const { run, list, rowsOf } = await quoWorld();
  list[0] = conversation(1, { participants: ['+12025550101', '+12025550102'] });
  list[1] = conversation(2, { participants: [' '] });
  const { exitCode, asked } = await run(0);
  expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: [['PNCN3', '+12025550103']] });
  const { commits } = await rowsOf('conversations', quoConversations);
  expect(commits.flatMap(({ rejects }) => rejects)).toContainEqual({
    ...{ table: 'quo_conversations', column: 'participant', count: 2 },
    reason: 'no value for requests of another stream, which leaves this record out',
  });
});

test('records that were stored before their table handed anything on have lists once they are shown again', async () => {
  const { run, list } = await quoWorld();
  // More than the page that a read of what is new requests.
  for (let n = 4; n <= 120; n += 1) list.push(conversation(n));
  const { handsOn: _none, ...before } = quoConversations;
  await run(0, { ...quo, streams: { conversations: withTable(before).streams['conversations'] as Stream } });
  const recent = (await run(1)).asked.map(([id]) => id);
  expect([recent.includes('PNCN3'), recent.includes('PNCN120')]).toEqual([true, false]);
  // The older ones are shown by the next full scan.
  expect((await run(73)).asked.map(([id]) => id)).toContain('PNCN120');
});

test('a conversation that the vendor removed has no list any more, and one that is back has it again', async () => {
  const { run, list } = await quoWorld();
  await run(0);
  const [gone] = list.splice(0, 1);
  await run(80);
  await run(82);
  expect((await run(500)).asked.map(([id]) => id)).toEqual(['PNCN2', 'PNCN3']);
  if (gone) list.unshift(gone);
  expect((await run(600)).asked.map(([id]) => id)).toContain('PNCN1');
});

test('a value that was handed on is in no object once its record is blanked', async () => {
  const { run, list, store } = await quoWorld(quo, 'blank');
  await run(0);
  list[0] = conversation(1, { lastActivityAt: '2026-11-01T08:30:00Z' });
  await run(1);
  expect((await objectsWith(store, NUMBER)).filter((key) => key.startsWith('digests/')).length).toBeGreaterThan(1);
  list.splice(0, 1);
  for (const hours of [80, 82, 84]) await run(hours);
  expect(await objectsWith(store, NUMBER)).toEqual([]);
});

test('a value that was handed on is in no object once its record opts out, and its list is not requested', async () => {
  const consent = code('yes', 'no')({ path: 'consent', doc: 'Whether all may be stored.' });
  const source = withTable({
    ...quoConversations,
    columns: { ...quoConversations.columns, consent },
    optOut: { flagColumn: 'consent', keepIf: 'yes' },
  });
  const { run, list, store } = await quoWorld(source);
  for (const [n, one] of list.entries()) list[n] = { ...one, consent: 'yes' };
  expect((await run(0)).asked.length).toBe(3);
  list[0] = conversation(1, { lastActivityAt: '2026-11-01T09:10:00Z', consent: 'no' });
  expect((await run(1)).asked.map(([id]) => id)).toEqual(['PNCN2', 'PNCN3']);
  expect(await objectsWith(store, NUMBER)).toEqual([]);
  await run(2);
  expect(await objectsWith(store, NUMBER)).toEqual([]);
});

test('a value that was handed on is in no object of a digest once its record is erased', async () => {
  const { run, list, store } = await quoWorld();
  await run(0);
  list[0] = conversation(1, { lastActivityAt: '2026-11-01T08:30:00Z' });
  await run(1);
  const inDigests = async () => (await objectsWith(store, NUMBER)).filter((key) => key.startsWith('digests/'));
  expect((await inDigests()).length).toBeGreaterThan(1);
  const names = { entries: new Set(['CN1']), cursors: new Set<string>(), firstKeys: new Set<string>() };
  await purgeDigest({ source: 'quo', account: 'default', stream: 'conversations' }, names, makePorts({ store }));
  expect(await inDigests()).toEqual([]);
});

test('such a source passes check-source', async () => {
  const results = await resultsOf(quo);
  expect(failures(results)).toEqual({});
  expect(results.filter(({ stream, outcome }) => stream === 'calls' && outcome === 'ok').length).toBeGreaterThan(4);
});
