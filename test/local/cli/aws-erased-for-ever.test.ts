import { expect, test } from 'vitest';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { HASH_KEY } from '../../helpers/home.ts';
import { objectsWith } from '../../helpers/objects-with.ts';
import { call } from '../../helpers/opted-out.ts';
import { stageOnDuckdb } from '../../helpers/stage-on-duckdb.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../helpers/zudu-server.ts';

const at = (hour: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);
const ROWS = 'SELECT * FROM callhouse.zudu_calls JOIN callhouse_phi.zudu_calls USING (call_id) ORDER BY call_id';

/** A stage whose call `erased` was erased, after late edits, an opt-out and a removal. */
async function erasedStage() {
  const said = (id: string) => ({ transcript: `zq-said-by-${id}`, from_number: `+1202555010${id.length}` });
  const calls: ZuduCall[] = ['erased', 'edited', 'later', 'removed'].map((id) => call(id, false, said(id)));
  const { url } = await zuduServer(calls);
  const stage = await stageOnDuckdb('zudu', { ...ZUDU_ENV, ZUDU_BASE_URL: url });
  const run = async (hour: number) =>
    expect(await stage.run(at(hour))).toEqual({ extracted: 0, loaded: 0, error: undefined });
  await run(9);
  calls[0] = call('erased', false, { ...said('erased'), call_status: 'ENDED', agent_id: 'other' });
  calls[2] = call('later', true, said('later'));
  const gone = calls.splice(3, 1);
  for (const hour of [11, 13]) await run(hour);
  // After a commit with a removal, which begins another batch of a load.
  calls[1] = call('edited', false, { ...said('edited'), transcript: 'zq-second' });
  await run(15);
  const places = async (text: string) => {
    const earlier = [...stage.s3.earlier].flatMap(([key, bodies]) =>
      bodies.map((body, n) => [`${n}/${key}`, body] as const),
    );
    return objectsWith({ objects: new Map([...stage.s3.objects, ...earlier]) }, text);
  };
  const act = async (...args: string[]) => {
    const { code, stdout, stderr } = await stage.act(args);
    expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: expect.anything() });
    return stdout;
  };
  expect((await places('zq-said-by-erased')).length).toBeGreaterThan(2);
  expect(await places('zq-said-by-later')).toEqual([]);
  expect(JSON.parse(await act('erase', '--call', 'zudu:erased')).rows).toEqual({ zudu_calls: 1 });
  return { ...stage, calls, gone, run, act, places };
}

test('on AWS, a replay, a re-read, a backfill and a rotated key bring nothing of an erased call back, and lose nothing else', async () => {
  const { query, run, act, places, setKey, s3, watch } = await erasedStage();
  const expectGone = async () => {
    expect(await places('zq-said-by-erased')).toEqual([]);
    expect(await query("SELECT call_id FROM callhouse_phi.zudu_calls WHERE call_id = 'erased'")).toEqual([]);
  };
  await expectGone();
  const rows = await query(ROWS);
  expect(rows).toHaveLength(3);

  const seen = new Set<unknown>();
  watch(async () => {
    for (const [text] of await query("SELECT transcript FROM callhouse_phi.zudu_calls WHERE call_id = 'edited'"))
      seen.add(text);
  });
  const replayed = JSON.parse(await act('replay'));
  expect(replayed).toMatchObject({ tables: { zudu_calls: { rebuilt: 3, kept: 0 } }, lostHashes: 0 });
  expect(await query(ROWS)).toEqual(rows);
  expect([...seen], 'no reader sees an earlier version of a row').toEqual(['zq-second']);
  await expectGone();

  // As after stagingDays: what is staged is made from raw copies.
  for (const key of s3.objects.keys()) if (key.startsWith('lake/staging/')) s3.objects.delete(key);
  expect(JSON.parse(await act('replay'))).toMatchObject({ tables: { zudu_calls: { rebuilt: 3 } }, lostHashes: 1 });
  const hashes = 'SELECT call_id, from_number_hash IS NULL FROM callhouse.zudu_calls ORDER BY 1';
  expect(await query(hashes)).toEqual([
    ['edited', false],
    ['later', true],
    ['removed', false],
  ]);
  await expectGone();

  await run(160);
  await act('backfill', 'zudu', '--from', '2025-01-01T00:00:00Z', '--to', at(170).toISOString());
  const key = 'the second key of this test, long enough';
  setKey(key);
  await act('rotate-hash-key');
  await run(300);
  await expectGone();
  const numbers =
    "SELECT call_id, from_number, from_number_hash FROM callhouse_phi.zudu_calls JOIN callhouse.zudu_calls USING (call_id) WHERE call_id <> 'later' ORDER BY 1";
  expect(await query(numbers)).toEqual(
    [6, 7].map((n) => {
      const number = `+1202555010${n}`;
      return [n === 6 ? 'edited' : 'removed', number, keyedHash('phone', number, key)];
    }),
  );
});

test('on AWS, a call is erased by the hash of a number that it had before, though its staged files have expired', async () => {
  const { query, run, act, places, calls, s3 } = await erasedStage();
  calls[1] = call('edited', false, { transcript: 'zq-second', from_number: '+12025550199' });
  await run(40);
  for (const key of s3.objects.keys()) if (key.startsWith('lake/staging/')) s3.objects.delete(key);
  expect((await places('+12025550106')).length).toBeGreaterThan(0);
  const hash = keyedHash('phone', '+12025550106', HASH_KEY);
  const certificate = JSON.parse(await act('erase', '--hash', hash));
  expect(certificate).toMatchObject({ rows: { zudu_calls: 1 }, earlier: 1 });
  for (const text of ['+12025550106', '+12025550199', 'zq-second']) expect(await places(text)).toEqual([]);
  await run(44);
  const left = await query('SELECT call_id FROM callhouse.zudu_calls ORDER BY 1');
  expect(left).toEqual([['later'], ['removed']]);
});
