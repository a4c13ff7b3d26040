import { describe, expect, test } from 'vitest';
import { erasureOfCopies } from '../../../../functions/erase/erasure-of-copies.ts';
import { changeRawPages, encodeRawPage, readRawPages } from '../../../../functions/lake/raw-pages.ts';
import { nodePorts } from '../../../../functions/node-ports.ts';
import zudu from '../../../../functions/sources/zudu.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { call, holding, PLAIN, SECRET } from '../../../helpers/opted-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { ZUDU_ENV, zuduServer } from '../../../helpers/zudu-server.ts';

/** JSON text in which an object has `hidden` and `shown` under one name. JSON.parse, and so every reader here, takes the last. */
const TWICE = {
  'the list of records': (hidden: string) => `{"status":"success","data":{"calls":[${hidden}],"calls":@}}`,
  'what is around the records': (hidden: string) =>
    `{"status":"success","data":{"calls":[${hidden}]},"d\\u0061ta":{"calls":@}}`,
  'something beside the records': (hidden: string) =>
    `{"status":"success","message":${hidden},"message":"","data":{"calls":@}}`,
};
const page = { page: 0, has_next_page: false };

describe('of an answer that has a name twice in one object, the raw copy keeps what was read', () => {
  test.each(Object.entries(TWICE))('%s', async (_what, write) => {
    const store = memoryStore();
    const shown = JSON.stringify([call('shown', false, { transcript: 'zq-shown', note: PLAIN })]);
    const body = write(JSON.stringify(call('hidden', true)).replaceAll(SECRET, 'zq-hidden'))
      .replace('@', shown)
      .replace(/\}\}$/, `,"pagination":${JSON.stringify(page)}}}`);
    const { streams, lines } = await runLogged(body, store);
    expect([...rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').keys()]).toEqual(['shown']);
    expect(holding(store, 'zq-hidden')).toEqual([]);
    expect(holding(store, 'zq-shown')).toEqual(expect.arrayContaining(['raw', 'staging']));
    expect(streams[0]?.rejected).toBe(1);
    expect(lines.filter(({ message }) => message.includes('a name twice in one object'))).toHaveLength(1);
  });

  test('a value of a record that stays, so that a later erasure finds all that is kept', async () => {
    const store = memoryStore();
    const text = JSON.stringify(call('a', false)).replace('"from_number":', '"from_number":"zq-hidden","from_number":');
    await runLogged(`{"status":"success","data":{"calls":[${text}],"pagination":${JSON.stringify(page)}}}`, store);
    expect(holding(store, 'zq-hidden')).toEqual([]);
    expect(holding(store, '+12025550100')).toEqual(expect.arrayContaining(['raw', 'staging']));
  });

  test('a page without such a name is kept byte for byte', async () => {
    const store = memoryStore();
    const body = `{"status":"success", "data":{"calls":[${JSON.stringify(call('a', false))}],"pagination":${JSON.stringify(page)}}}`;
    const { streams } = await runLogged(body, store);
    expect(holding(store, body)).toEqual(['raw']);
    expect(streams[0]?.rejected).toBe(0);
  });
});

test('an erasure writes a page of an earlier version again that has a name twice, although no record in it is the erased one', async () => {
  const stream = zudu.streams['calls'];
  if (!stream) throw new Error('Zudu has no calls');
  const id = { source: 'zudu', account: 'default', stream: 'calls' };
  const ports = { ...nodePorts, store: memoryStore() };
  const body = Buffer.from(
    '{"data":{"calls":[{"call_id":"gone"}],"calls":[{"call_id":"kept"}],"pagination":{"page":0}}}',
  );
  const context = { partition: 'all', page: 0, at: '2026-11-01T09:00:00Z' };
  const key = 'raw/zudu/default/calls/2026-11-01/x.pages.gz';
  await ports.store.put(key, await ports.codec.compress(Buffer.concat(encodeRawPage(context, [body]))));
  const none = { matches: [], held: { keyPart: () => (text: string) => text }, partitions: new Set<string>() };
  const erased = { ...none, id, stream, texts: new Set(['gone']), namesOf: () => [], isErased: () => false };
  const { page: change } = erasureOfCopies({ ...erased, traces: ['gone'] });
  expect(await changeRawPages(key, id, ports, change)).toBe(true);
  const [left] = await readRawPages(key, id, ports);
  expect(left?.body.toString()).toBe('{"data":{"calls":[{"call_id":"kept"}],"pagination":{"page":0}}}');
});

async function runLogged(body: string, store: ReturnType<typeof memoryStore>) {
  const { url } = await zuduServer([], () => ({ body }));
  const ports = makePorts({ store, env: ZUDU_ENV });
  return { ...(await runSource('zudu', { at: '2026-11-01T09:00:00Z', url }, ports)), lines: ports.lines };
}
