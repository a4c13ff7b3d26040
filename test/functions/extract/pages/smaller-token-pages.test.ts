import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../../functions/settings.ts';
import { type Answer, type Ask, byOffset, fromLast } from '../../../../functions/source/paging.ts';
import type { Source, Stream } from '../../../../functions/source/source.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { OUT_OF_TIME } from '../../../helpers/run-lake.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';

/** More levels than an answer may have: as good as 32 MiB, and quicker. */
const TOO_LARGE = { body: '['.repeat(100_001) };
const CALLS = Array.from({ length: 20 }, (_, n) => ({
  id: `call-${n}`,
  started_at: new Date(Date.parse('2026-11-01T08:00:00Z') - n * 3_600_000).toISOString(),
  opt_out: false,
}));

interface Paged {
  readonly next: NonNullable<Answer['next']>;
  /** Where the page begins that this token asks for, in a list of 20 calls. */
  readonly beginOf: (token: string) => number;
  readonly tokenOf: (end: number) => string | undefined;
}

const WAYS: readonly (Paged & { readonly how: string })[] = [
  { how: 'by tokens', next: 'next', beginOf: (token) => Number(token.slice(1)), tokenOf: (end) => `t${end}` },
  { how: 'by offsets', next: byOffset, beginOf: Number, tokenOf: () => undefined },
  {
    how: 'by the last value',
    next: fromLast('started_at'),
    beginOf: (token) => CALLS.findIndex(({ started_at: at }) => at <= token),
    tokenOf: () => undefined,
  },
];

/** A vendor of which a page with call 9 is too large if it has more than so many records. */
async function world({ next, beginOf, tokenOf }: Paged, most: number) {
  const vendor = { cutAt: -1 };
  const server = await scriptedServer(({ query, number }) => {
    const begin = query['after'] === undefined ? 0 : beginOf(query['after']);
    const items = CALLS.slice(begin, begin + Number(query['limit']));
    if (number === vendor.cutAt) return OUT_OF_TIME;
    if (items.length > most && items.some(({ id }) => id === 'call-9')) return TOO_LARGE;
    const end = begin + items.length;
    return { json: { items, total: CALLS.length, ...(end < CALLS.length && { next: tokenOf(end) }) } };
  });
  const { calls } = postbox.streams;
  const paging = {
    ...{ details: {}, pageSize: 8 },
    ask: ({ next: after, size }: Ask) => ({ query: { after, limit: size } }),
    answer: { records: 'items', total: 'total', next },
  };
  const source: Source = { ...postbox, streams: { calls: { ...calls, ...paging } as Stream } };
  const store = memoryStore();
  const settings = parseSettings({ sources: { postbox: { maxRps: 1000, baseUrl: server.url } } }, 'test');
  const run = async (hour: number) => {
    const ports = makePorts({ store, env: { POSTBOX_TOKEN: 'x' } });
    const at = new Date(Date.parse('2026-11-01T09:00:00Z') + hour * 3_600_000);
    return extractAccount(source, { account: 'default', at, settings, tuning: { commitEveryMs: 0 } }, ports);
  };
  const changed = async () =>
    (await commitsOf(store, { source: 'postbox', account: 'default', stream: 'calls' })).reduce(
      (sum, { counts }) => sum + counts.changed,
      0,
    );
  return { vendor, server, run, changed };
}

describe.each(WAYS)('a page that is too large, of a list that is paged $how', (way) => {
  test('is requested with fewer records from where it began, and no record is lost', async () => {
    const { run, changed, server } = await world(way, 4);
    expect(await run(0)).toMatchObject({ exitCode: 0, streams: [{ status: 'ok' }] });
    expect(await changed()).toBe(20);
    const sizes = server.requests.map(({ query }) => Number(query['limit']));
    expect([Math.max(...sizes), Math.min(...sizes)]).toEqual([8, 4]);
    expect(await run(1)).toMatchObject({ exitCode: 0, streams: [{ changed: 0 }] });
  });

  test('is read on by the next run, wherever this one was cut', async () => {
    const whole = await world(way, 2);
    await whole.run(0);
    for (let cut = 1; cut < whole.server.requests.length; cut += 1) {
      const { vendor, run, changed } = await world(way, 2);
      vendor.cutAt = cut;
      expect((await run(0)).exitCode).toBe(6);
      expect({ cut, exitCode: (await run(1)).exitCode, changed: await changed() }).toEqual({
        cut,
        exitCode: 0,
        changed: 20,
      });
    }
  });
});
