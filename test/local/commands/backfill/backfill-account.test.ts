import { expect, test } from 'vitest';
import { commitKey } from '../../../../functions/lake/objects.ts';
import { parseSettings } from '../../../../functions/settings.ts';
import { HOUR_MS } from '../../../../functions/time.ts';
import { backfillAccount } from '../../../../local/commands/backfill/backfill-account.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { UNIT_AT } from '../../../helpers/session.ts';

const ID = { source: 'solum', account: 'default', stream: 'calls' };
const window = { from: new Date(UNIT_AT - HOUR_MS), to: new Date(UNIT_AT) };
const step = { streams: ['calls'], window };

/** Backfills one chunk of Solum's calls. */
async function backfill(put: (store: MemoryStore) => MemoryStore['put']) {
  const store = memoryStore();
  const server = await scriptedServer(() => ({ json: { data: [{ id: 'c1' }], pagination: { has_more: false } } }));
  const ports = makePorts({ store: { ...store, put: put(store) }, env: { SOLUM_API_KEY: 'k' } });
  let waits = 0;
  const { result, marks } = await backfillAccount({
    source: 'solum',
    account: 'default',
    steps: [step],
    at: new Date(UNIT_AT),
    ports,
    settings: parseSettings({ sources: { solum: { baseUrl: server.url, maxRps: 1000 } } }, 'test'),
    limitMs: HOUR_MS,
    onStep() {},
    onBusy() {
      waits += 1;
    },
    onBug(error) {
      throw error;
    },
  });
  return { result, left: marks.left(step), waits, asked: server.requests.length, store };
}

/** Lets another run commit first, so many times. */
const overtaking =
  (times: number) =>
  (store: MemoryStore): MemoryStore['put'] => {
    let n = 0;
    return async (key, body, options) => {
      if (n < times && key === commitKey(ID, n + 1)) {
        n += 1;
        const { crc32: _, ...commit } = JSON.parse(Buffer.from(body).toString('utf8'));
        const other = { ...commit, loadId: 'of-another-run', staged: [], raw: [], digests: [] };
        await store.put(key, Buffer.from(JSON.stringify(other)));
      }
      return store.put(key, body, options);
    };
  };

test('a chunk that another run overtook is read again before it counts as read', async () => {
  const { result, left, waits, asked, store } = await backfill(overtaking(2));
  expect(result).toMatchObject({ exitCode: 0, records: 1, changed: 1 });
  expect([left, waits, asked]).toEqual([[], 1, 3]);
  const commits = await commitsOf(store, ID);
  expect(commits.map(({ loadId }) => loadId === 'of-another-run')).toEqual([true, true, false]);
  expect(commits.at(-1)?.counts.changed).toBe(1);
});

test('a chunk that is overtaken again and again is left for the next backfill', async () => {
  const { result, left } = await backfill(overtaking(Number.POSITIVE_INFINITY));
  expect(result.exitCode).toBe(6);
  expect(left).toEqual(['calls']);
});
