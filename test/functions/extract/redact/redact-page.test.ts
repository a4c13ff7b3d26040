import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { call, holding, PLAIN, run, SECRET, texts } from '../../../helpers/opted-out.ts';
import { zuduServer } from '../../../helpers/zudu-server.ts';

const DROPPED = [
  'recording_url',
  'public_log_url',
  'events',
  'transcript',
  'transcript_object',
  'transcript_with_tool_calls',
  'call_summary',
  'metadata',
  'metadata_customer_id',
  'metadata_campaign',
  'metadata_batch_call_id',
  'metadata_priority',
  'organization_id',
  '_extra',
];
const NUMBERS = ['from_number', 'to_number'];
const HASHES = ['metadata_customer_id_hash', 'metadata_campaign_hash', 'metadata_batch_call_id_hash'];

describe('a call that opts out', () => {
  test('with the flag false keeps all its content, in its row and in the raw page', async () => {
    const store = memoryStore();
    await run((await zuduServer([call('a', false)])).url, store);
    const row = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get('a');
    expect(DROPPED.filter((name) => !String(row?.[name]).includes(SECRET))).toEqual([]);
    expect(holding(store, SECRET)).toEqual(expect.arrayContaining(['raw', 'staging']));
  });

  test.each([true, null, undefined, 'true', ' TRUE', 1, '1', 'no', 'yes', '', 2, -1, [], {}])(
    'by %j leaves nothing of it in its row, nor raw',
    async (flag) => {
      const store = memoryStore();
      await run((await zuduServer([call('a', flag)])).url, store);
      const row = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get('a');
      expect([...DROPPED, ...NUMBERS, ...HASHES].filter((name) => row?.[name] !== null)).toEqual([]);
      expect(row).toMatchObject({ user_sentiment: 'Positive', latency_e2e_p50: 1.5, agent_id: PLAIN });
      expect(row?.['from_number_hash']).toMatch(/^[0-9a-f]{64}$/);
      expect(holding(store, '2025550100')).toEqual([]);
      expect(holding(store, SECRET)).toEqual([]);
      // What is kept of it is kept raw too.
      expect(holding(store, PLAIN)).toEqual(expect.arrayContaining(['raw']));
    },
  );

  test('leaves nothing raw of what stands in place of a record, because nobody can read whether it opts out', async () => {
    const store = memoryStore();
    const kept = call('kept', false, { transcript: 'zq-kept' });
    const odd = [JSON.stringify(call('text', false)), [call('list', true)], SECRET, [[SECRET]], 2025550100, null];
    await run((await zuduServer([kept, ...odd] as never[])).url, store);
    const held = [...texts(store)].filter(([key]) => key.startsWith('raw/')).map(([, text]) => text);
    expect(held.join('')).toContain('zq-kept');
    // The call that opts in stays as it was served, though it has the same secret in a list.
    const page = held.join('').replace(JSON.stringify(kept), 'the call');
    for (const text of [SECRET, '2025550100']) expect(page).not.toContain(text);
    expect(page).toContain('[the call,null,null,null,null,null,null]');
  });

  test('keeps raw of an object that may hold anything what its row keeps: a listed word', async () => {
    const store = memoryStore();
    const metadata = { customer_id: SECRET, priority: 'high', order: SECRET };
    await run((await zuduServer([call('a', true, { metadata })])).url, store);
    const row = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get('a');
    expect(row).toMatchObject({ metadata: null, metadata_priority: 'high' });
    expect(holding(store, '"metadata":{"priority":"high"}')).toEqual(['raw']);
    expect(holding(store, SECRET)).toEqual([]);
  });

  test('loses raw what a number, an instant or a flag cannot hold, and keeps what they hold', async () => {
    const store = memoryStore();
    const odd = {
      call_duration: SECRET,
      end_timestamp: [SECRET],
      combined_cost: { said: SECRET },
      in_voicemail: SECRET,
    };
    const values = [12.5, 0.25];
    const latency = { e2e: { max: SECRET, min: 3.5, values } };
    await run((await zuduServer([call('a', true, { ...odd, latency })])).url, store);
    expect(holding(store, SECRET)).toEqual([]);
    expect(holding(store, '"call_duration":null')).toEqual(['raw']);
    expect(holding(store, '"min":3.5,"values":[12.5,0.25]')).toEqual(['raw']);
  });

  test.each([false, 'false', 'FALSE', ' False ', 0, '0'])(
    'by no means is one that says %j, raw or in its row',
    async (flag) => {
      const store = memoryStore();
      const { streams } = await run((await zuduServer([call('a', flag)])).url, store);
      const row = rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').get('a');
      expect(DROPPED.filter((name) => !String(row?.[name]).includes(SECRET))).toEqual([]);
      expect(row?.['opt_out_sensitive_data_storage']).toBe(false);
      expect(holding(store, SECRET)).toEqual(expect.arrayContaining(['raw', 'staging']));
      expect(streams[0]?.rejected).toBe(0);
    },
  );

  test('takes nothing from its neighbours, whose raw copies keep every digit', async () => {
    const store = memoryStore();
    const numbers = { n: 1.5 };
    await run((await zuduServer([call('a', true), call('b', false, { numbers })])).url, store);
    const raw = [...texts(store)].find(([key]) => key.startsWith('raw/'))?.[1] ?? '';
    expect(raw.match(/kept-nowhere/g)?.length).toBe(15);
    expect(raw).toContain('"numbers":{"n":1.5}');
    expect(raw).toContain('12345678901234567890');
  });

  test('and has no key is dropped from the raw copy too', async () => {
    const store = memoryStore();
    const { streams } = await run(
      (await zuduServer([call('a', true, { id: null, call_id: null }), call('b', true)])).url,
      store,
    );
    expect(streams[0]?.rejected).toBe(1);
    expect(holding(store, SECRET)).toEqual([]);
    expect([...texts(store).keys()].filter((key) => key.startsWith('raw/'))).toHaveLength(1);
  });

  test('has its page dropped if a neighbour is nested too deeply for the page to be rewritten', async () => {
    const store = memoryStore();
    const deep = `${'['.repeat(60_000)}${']'.repeat(60_000)}`;
    const body = JSON.stringify({
      status: 'success',
      data: {
        calls: [call('a', true), call('b', false, { metadata: '@' })],
        pagination: { page: 0, has_next_page: false },
      },
    })
      .replace('"@"', deep)
      .replaceAll('":', '": '); // so that the body's text of a record differs from what JSON.stringify writes
    const server = await zuduServer([], () => ({ body }));
    expect((await run(server.url, store)).exitCode).toBe(0);
    expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').size).toBe(2);
    expect([...texts(store).keys()].filter((key) => key.startsWith('raw/'))).toEqual([]);
  });

  test('is taken from a page of more records than are searched for one by one', async () => {
    const store = memoryStore();
    const calls = Array.from({ length: 1001 }, (_, n) => call(`c${n}`, true));
    const server = await zuduServer([], () => ({
      json: { status: 'success', data: { calls, pagination: { page: 0, has_next_page: false } } },
    }));
    expect((await run(server.url, store)).exitCode).toBe(0);
    expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').size).toBe(1001);
    expect(holding(store, SECRET)).toEqual([]);
    expect(holding(store, PLAIN)).toEqual(expect.arrayContaining(['raw']));
  });
});
