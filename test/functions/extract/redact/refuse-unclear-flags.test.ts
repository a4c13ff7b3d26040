import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { call, holding, SECRET, texts } from '../../../helpers/opted-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { type RunOptions, runSource } from '../../../helpers/run-source.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../../helpers/zudu-server.ts';

/** Calls whose flags have these values; undefined: no flag. */
const callsOf = (...flags: readonly unknown[]): ZuduCall[] => flags.map((flag, n) => call(`c${n}`, flag));
const times = (count: number, flag: unknown) => Array.from({ length: count }, () => flag);

async function zuduOf(calls: ZuduCall[]) {
  const server = await zuduServer(calls);
  const store = memoryStore();
  const run = async (hour: number, more: Partial<RunOptions> = {}) => {
    const at = new Date(Date.parse('2026-11-01T09:00:00Z') + hour * 3_600_000);
    const { exitCode, streams } = await runSource(
      'zudu',
      { at, url: server.url, ...more },
      makePorts({ store, env: ZUDU_ENV }),
    );
    return { exitCode, rejected: streams[0]?.rejected, error: streams[0]?.error };
  };
  const rows = async () => rowsOf(await foldSource(store, 'zudu'), 'zudu_calls');
  const reasons = () => [...texts(store)].flatMap(([key, text]) => (key.startsWith('commits/') ? [text] : [])).join();
  return { run, rows, store, server, reasons };
}

describe('a page whose opt-out flags are missing or unclear', () => {
  test.each([
    { says: 'missing in 3 of 5 records', flags: [...times(3, undefined), false, true], rows: 0 },
    { says: 'unclear in 3 of 5 records', flags: ['maybe', null, 7, false, false], rows: 0 },
    { says: 'missing in 3 of 6 records', flags: [...times(3, undefined), ...times(3, false)], rows: 6 },
    { says: 'missing in 4 of 4 records', flags: times(4, undefined), rows: 4 },
    { says: 'missing in none', flags: [...times(3, 'false'), ...times(3, 1)], rows: 6 },
  ])('is refused if most of at least five are: $says', async ({ flags, rows: expected }) => {
    const { run, rows, store } = await zuduOf(callsOf(...flags));
    const { exitCode } = await run(0);
    expect([exitCode, (await rows()).size]).toEqual([expected === 0 ? 4 : 0, expected]);
    if (expected > 0) return;
    expect([...store.objects.keys()].filter((key) => /^(raw|staging)/.test(key))).toEqual([]);
  });

  test('is named with its field, page, counts and the setting', async () => {
    const { run } = await zuduOf(callsOf(...times(5, undefined)));
    const { error } = await run(0);
    expect(error).toBe(
      'zudu.calls: /api/calls: field opt_out_sensitive_data_storage of page 0 is missing or neither true nor false in 5 of 5 records; ' +
        'expected true or false in most. Nothing of this page is stored. Ask the vendor where the flag is, or set ' +
        'sources.zudu.optOutWhenAbsent: true if such records are to be redacted, false if they are to be stored completely',
    );
  });

  test('keeps no other page, and is read when the flag is back', async () => {
    const calls = [
      ...callsOf(...times(5, false)),
      ...callsOf(...times(5, undefined)).map((one, n) => ({ ...one, id: `d${n}`, call_id: `d${n}` })),
    ];
    const { run, rows } = await zuduOf(calls);
    expect((await run(0, { pageSize: 5 })).exitCode).toBe(4);
    expect((await rows()).size).toBe(5);
    calls.splice(5, 5, ...calls.slice(5).map((one) => ({ ...one, opt_out_sensitive_data_storage: false })));
    expect((await run(1, { pageSize: 5 })).exitCode).toBe(0);
    expect((await rows()).get('d4')?.['transcript']).toContain(SECRET);
  });

  test('is stored redacted if the setting says that such calls opt out', async () => {
    const { run, rows, store, reasons } = await zuduOf(callsOf(...times(5, undefined)));
    expect((await run(0, { optOutWhenAbsent: true })).exitCode).toBe(0);
    expect((await rows()).size).toBe(5);
    expect(holding(store, SECRET)).toEqual([]);
    expect(reasons()).toContain('"flag missing, counted as opted out","count":5');
  });

  test('is stored completely if the setting says that they do not, and is redacted if it says so later', async () => {
    const { run, rows, store, reasons } = await zuduOf(callsOf(...times(4, undefined), 'maybe', true));
    expect((await run(0, { optOutWhenAbsent: false })).exitCode).toBe(0);
    const transcripts = async () => [...(await rows()).values()].map((row) => row['transcript'] !== null);
    expect(await transcripts()).toEqual([true, true, true, true, true, false]);
    expect(reasons()).toContain('"flag missing, counted as not opted out","count":4');
    expect(reasons()).toContain('where true or false is expected","count":1');
    expect((await run(72, { optOutWhenAbsent: true })).exitCode).toBe(0);
    expect(await transcripts()).toEqual(times(6, false));
    expect(holding(store, SECRET)).toEqual([]);
  });
});
