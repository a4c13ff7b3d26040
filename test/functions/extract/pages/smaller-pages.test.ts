import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runFor, runSource, totalsOf } from '../../../helpers/run-source.ts';
import type { ScriptedRequest } from '../../../helpers/scripted-server.ts';
import { type SolumPage, solumCall, solumCalls, solumServer } from '../../../helpers/solum-server.ts';
import { zuduAnswer, zuduServer } from '../../../helpers/zudu-server.ts';

const AT = '2026-11-01T09:00:00Z';
const env = { SOLUM_API_KEY: 'key', ZUDU_API_KEY: 'key', ZUDU_API_SECRET: 'secret' };
const SOLUM = { source: 'solum', account: 'default', stream: 'calls' };
/** More levels than an answer may have: as good as 32 MiB, and quicker. */
const TOO_LARGE = { body: '['.repeat(100_001) };

const asked = (requests: readonly ScriptedRequest[]) =>
  requests.map(({ query: { page, limit } }) => `${page}×${limit}`);

/** Solum's 40 calls, of which a page with one of these and so many others is too large. */
function largeCalls(heavy: readonly string[], most: number) {
  return solumServer(solumCalls(40), {
    bend: (page) => (isTooLarge(page, heavy, most) ? TOO_LARGE : page),
  });
}

function isTooLarge({ data }: SolumPage, heavy: readonly string[], most: number): boolean {
  return data.length > most && data.some((call) => heavy.includes(String((call as { id: string }).id)));
}

describe('a page that is too large', () => {
  test('is requested as smaller pages that begin where it did, and so is the rest of the list', async () => {
    const { url, requests } = await largeCalls(['23'], 2);
    const store = memoryStore();
    const ports = makePorts({ store, env });
    const result = await runSource('solum', { at: AT, url, pageSize: 8 }, ports);
    expect(result).toMatchObject({ exitCode: 0, streams: [{ status: 'ok', records: 40 }] });
    // Calls 17 to 24 are page 3 of 8, page 5 of 4 (17 to 20) and 6 (21 to 24), page 11 of 2 (21 and 22) and 12.
    expect(asked(requests)).toEqual([
      ...['1×8', '2×8', '3×8', '5×4', '6×4'],
      ...Array.from({ length: 10 }, (_, n) => `${n + 11}×2`),
    ]);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(40);
    expect(ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'a page of 8 records is too large; continuing with pages of 4',
      'a page of 4 records is too large; continuing with pages of 2',
    ]);
    // The scan is as good as any other.
    expect((await commitsOf(store, SOLUM)).at(-1)).toMatchObject({ scans: [{ complete: true, records: 40 }] });
  });

  test('is requested so where pages are counted from 0', async () => {
    const calls = Array.from({ length: 20 }, (_, n) => ({ call_id: `c${n}`, opt_out_sensitive_data_storage: false }));
    const server = await zuduServer(calls, (data) =>
      (data['calls'] as unknown[]).length > 2 && JSON.stringify(data).includes('"c9"') ? TOO_LARGE : zuduAnswer(data),
    );
    const store = memoryStore();
    const options = { at: AT, url: server.url, pageSize: 4 };
    expect(await runSource('zudu', options, makePorts({ store, env }))).toMatchObject({ exitCode: 0 });
    expect(asked(server.requests)).toEqual(['0×4', '1×4', '2×4', ...[4, 5, 6, 7, 8, 9].map((page) => `${page}×2`)]);
    expect(rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').size).toBe(20);
  });

  test('of one record fails, and what was read before is kept', async () => {
    const { url, requests } = await largeCalls(['20'], 0);
    const store = memoryStore();
    const result = await runSource('solum', { at: AT, url, pageSize: 8 }, makePorts({ store, env }));
    expect(result).toMatchObject({
      exitCode: 4,
      streams: [{ error: expect.stringContaining('the answer has more than 100000 levels of nesting') }],
    });
    expect(asked(requests)).toEqual(['1×8', '2×8', '3×8', '5×4', '9×2', '10×2', '19×1', '20×1']);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(19);
  });

  test('is read by the next run from where this one was cut, wherever that was', async () => {
    const every = solumCalls(40).map(({ id }) => id);
    for (const heavy of [['23'], every]) {
      for (let cut = 1; cut <= 12; cut += 1) {
        const { url, close } = await largeCalls(heavy, 2);
        const store = memoryStore();
        const options = { at: AT, url, pageSize: 8 };
        expect((await runFor(cut, 'solum', options, store, env)).exitCode).toBe(6);
        expect((await runSource('solum', options, makePorts({ store, env }))).exitCode).toBe(0);
        expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(40);
        await close();
      }
    }
  });

  test('at which a run continues does not hide that the list has moved', async () => {
    const calls = solumCalls(40);
    const { url } = await solumServer(calls, {
      bend: (page) => (isTooLarge(page, ['new-3'], 2) ? TOO_LARGE : page),
    });
    const store = memoryStore();
    const options = { at: AT, url, pageSize: 8 };
    expect((await runFor(2, 'solum', options, store, env)).exitCode).toBe(6);
    calls.unshift(...Array.from({ length: 16 }, (_, n) => solumCall(`new-${16 - n}`, n - 16)));
    expect((await runSource('solum', options, makePorts({ store, env }))).exitCode).toBe(0);
    expect(rowsOf(await foldSource(store, 'solum'), 'solum_calls').size).toBe(56);
  });

  test('is not mixed up with others if the vendor does not heed the size', async () => {
    for (const [fixed, tells] of [
      [8, true],
      [3, true],
      [3, false],
    ] as const) {
      const calls = solumCalls(40);
      let isLarge = true;
      const { url } = await solumServer(calls, {
        bend: (_page, { query }) => {
          const number = Number(query['page']);
          if (number === 2 && isLarge) return TOO_LARGE;
          isLarge = number < 2;
          const data = calls.slice((number - 1) * fixed, number * fixed);
          return { data, pagination: tells ? { has_more: number * fixed < 40, total: 40, page: number } : {} };
        },
      });
      const store = memoryStore();
      const result = await runSource('solum', { at: AT, url, pageSize: 8 }, makePorts({ store, env }));
      expect(result.exitCode).toBe(4);
      expect(totalsOf(result).records).toBe(fixed);
    }
  });

  test('is not requested again where pages have one record', async () => {
    const { url, requests } = await largeCalls(['23'], 0);
    const result = await runSource('solum', { at: AT, url, pageSize: 1 }, makePorts({ env }));
    expect(result.exitCode).toBe(4);
    expect(requests.length).toBe(23);
  });
});
