import { describe, expect, test } from 'vitest';
import { readCommit } from '../../../../functions/lake/commit-log.ts';
import { decodeLine } from '../../../../functions/lake/digest-objects.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { call, holding, run, SECRET, texts } from '../../../helpers/opted-out.ts';
import { totalsOf } from '../../../helpers/run-source.ts';
import { zuduServer } from '../../../helpers/zudu-server.ts';

/** Zudu's calls as they are in the lake, by key. */
const rows = async (store: ReturnType<typeof memoryStore>) => rowsOf(await foldSource(store, 'zudu'), 'zudu_calls');
/** Half a surrogate pair, as JSON may hold it. */
const HALF = '\ud800';
/** A key that is named by its hash. */
const HELD = /^~[0-9a-f]{32}$/;

describe('calls with an empty call_id', () => {
  test('are a row each, under their id, and stay there', async () => {
    const store = memoryStore();
    const calls = ['1', '2', '3'].map((n) => call('', false, { id: `uuid-${n}`, call_id: '' }));
    const { url } = await zuduServer(calls);
    expect(totalsOf(await run(url, store))).toMatchObject({ changed: 3, rejected: 0 });
    calls.splice(0, 1, call('', false, { id: 'uuid-1', call_id: 'call-1' }));
    await run(url, store, 10);
    expect([...(await rows(store)).keys()].sort()).toEqual(['uuid-1', 'uuid-2', 'uuid-3']);
  });

  test('and an empty id are refused and counted, and their page is kept raw', async () => {
    const store = memoryStore();
    const odd = ['', ' '].map((id) => call('', false, { id, call_id: id, call_status: 'odd-one' }));
    const result = await run((await zuduServer([...odd, call('a', false)])).url, store);
    expect(totalsOf(result)).toMatchObject({ records: 3, changed: 1, rejected: 2 });
    expect([...(await rows(store)).keys()]).toEqual(['a']);
    expect(holding(store, 'odd-one')).toContain('raw');
  });
});

describe('a call with half a surrogate pair in its id and its texts', () => {
  test('is staged once, however often it is read', async () => {
    const store = memoryStore();
    const { url } = await zuduServer([call(`a${HALF}`, false, { transcript: HALF, metadata: { [HALF]: HALF } })]);
    expect(totalsOf(await run(url, store)).changed).toBe(1);
    for (const hour of [10, 11]) expect(totalsOf(await run(url, store, hour)).changed).toBe(0);
    const [row] = (await rows(store)).values();
    expect(row?.['call_id']).toMatch(HELD);
    expect(JSON.parse(String(row?.['_extra']))['$key']).toBe('a\ufffd');
    expect([...texts(store)].filter(([, text]) => text.includes('\\ud800')).map(([key]) => key.split('/')[0])).toEqual([
      'raw',
    ]);
  });

  test('leaves nothing behind when it opts out later', async () => {
    const store = memoryStore();
    const calls = [call(`a${HALF}`, false)];
    const { url } = await zuduServer(calls);
    await run(url, store);
    expect(holding(store, SECRET)).toEqual(expect.arrayContaining(['raw', 'staging']));
    calls[0] = call(`a${HALF}`, true);
    await run(url, store, 10);
    expect(holding(store, SECRET)).toEqual([]);
  });

  test('has one key in a digest that an earlier version wrote', () => {
    const line = decodeLine('["e","a\\ud800",{"h":"h","p":1,"f":2,"a":"u\\udc00"}]');
    expect(line).toMatchObject({ key: 'a\ufffd', entry: { alias: 'u\ufffd' } });
  });
});

test('calls whose ids look like names of ours are a row each', async () => {
  const store = memoryStore();
  const ids = [
    '__proto__',
    'constructor',
    'call_id',
    '~',
    '~a',
    'a\u001fb',
    'a',
    'a,b',
    'zudu_calls\u001fa',
    'null',
    '0',
  ];
  const calls = ids.map((id) => call(id, false, { _extra: id, $direction: id, '^id': id, [id]: id }));
  const { url } = await zuduServer(calls);
  expect(totalsOf(await run(url, store, 9, 3))).toMatchObject({ changed: ids.length, rejected: 0 });
  const served = [...(await rows(store))].map(([key, row]) =>
    HELD.test(key) ? JSON.parse(String(row['_extra']))['$key'] : key,
  );
  expect(served.sort()).toEqual([...ids].sort());
  expect(totalsOf(await run(url, store, 10, 3)).changed).toBe(0);
  const commits = [...store.objects.keys()].filter((key) => key.startsWith('commits/'));
  for (const key of commits) {
    const { rejects } = await readCommit(store, key, { source: 'zudu', account: 'default', stream: 'calls' });
    expect(rejects.filter(({ reason }) => !reason.startsWith('hidden in callhouse'))).toEqual([]);
  }
});
