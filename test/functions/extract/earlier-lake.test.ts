import { describe, expect, test } from 'vitest';
import { loadHandler } from '../../../functions/handlers/load.ts';
import { listSources } from '../../../functions/source/registry.ts';
import { dayOf } from '../../../functions/time.ts';
import type { MemoryStore } from '../../../local/lake/memory-store.ts';
import {
  EARLIER_ACCOUNTS,
  earlierLake,
  earlierServer,
  earlierVendors,
  earlierWarehouse,
} from '../../helpers/earlier-lake.ts';
import { commitsOf, contentOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { texts } from '../../helpers/opted-out.ts';
import { readWarehouse } from '../../helpers/oracle/read-warehouse.ts';
import { TABLE_SHAPES, type TableName, type TableShape } from '../../helpers/oracle/table-shapes.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type RunOptions, runSource, totalsOf } from '../../helpers/run-source.ts';
import { solumCall } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const PAGE_SIZES: Readonly<Record<string, number>> = { solum: 5, zudu: 2, kalem: 4 };
const env = {
  SOLUM_API_KEY: 'k',
  ZUDU_API_KEY: 'k',
  ZUDU_API_SECRET: 's',
  KALEM_API_TOKEN: 't',
  KISMET_CLIENT_ID: 'i',
  KISMET_CLIENT_SECRET: 's',
};

/** The lake and the vendor of one account; `run` is a run of the present code so many hours after the lake began. */
async function earlier(source: string, account: string) {
  const [store, vendors] = [await earlierLake(), await earlierVendors()];
  const server = await earlierServer(vendors, source, account);
  const run = async (hours: number, more: Partial<RunOptions> = {}) => {
    const asked = server.requests.length;
    const at = new Date(AT + hours * 3_600_000);
    const ports = makePorts({ store, env, clock: { ms: at.getTime() } });
    const options = { at, url: server.url, account, pageSize: PAGE_SIZES[source], ...more };
    const result = await runSource(source, options, ports);
    const requests = server.requests.slice(asked);
    return { ...result, totals: totalsOf(result), requests };
  };
  const rows = async (table = `${source}_calls`) => rowsOf(await foldSource(store, source, account), table);
  const last = async () => (await commitsOf(store, { source, account, stream: 'calls' })).at(-1);
  return { store, vendors, server, run, rows, last };
}

const staged = (store: MemoryStore) => [...store.objects.keys()].filter((key) => key.startsWith('staging/'));

const SETTLED = [
  ['solum', 'default', 74, 9, 0],
  ['solum', 'history', 1, 4, 0],
  ['zudu', 'default', 2, 5, 0],
  ['zudu', 'post', 1, 3, 0],
  ['kalem', 'default', 2, 6, 0],
  ['kalem', 'both', 1, 5, 0],
  // Figures that its first tier does not reach are read again when a longer one is due.
  ['kismet', 'default', 8, 17, 5],
] as const;

/** What never changes of a row, by table and key. */
const originsOf = (content: ReturnType<typeof contentOf>) =>
  Object.fromEntries(
    Object.entries(content).map(([table, rows]) => [
      table,
      Object.fromEntries(
        Object.entries(rows).map(([key, { _part_on, _first_seen_at }]) => [key, [_part_on, _first_seen_at]]),
      ),
    ]),
  );

describe('a lake of the first format', () => {
  test.each(SETTLED)(
    'of %s (%s) is read completely and staged once more, and then no row again if the vendor shows the same records',
    async (source, account, at, records, figures) => {
      const { store, run } = await earlier(source, account);
      const before = originsOf(contentOf(await foldSource(store, source, account)));
      const more = account === 'history' ? { historyStart: '2026-10-01' } : {};
      const first = await run(at, more);
      expect({ exitCode: first.exitCode, ...first.totals }).toMatchObject({
        exitCode: 0,
        deleted: 0,
        changed: records,
      });
      expect((await run(at + 1, more)).totals.changed).toBe(0);
      const { totals: scanned } = await run(at + 73, more);
      expect(scanned.changed).toBe(figures);
      expect(scanned.records).toBeGreaterThan(0);
      const once = { staged: staged(store), rows: contentOf(await foldSource(store, source, account)) };
      expect(originsOf(once.rows)).toEqual(before);
      const { exitCode, totals } = await run(at + 74, more);
      expect({ exitCode, ...totals }).toMatchObject({ exitCode: 0, changed: 0, deleted: 0, rejected: 0 });
      expect(staged(store)).toEqual(once.staged);
      expect(contentOf(await foldSource(store, source, account))).toEqual(once.rows);
    },
  );

  test('keeps the day and the first sighting of a record that changes', async () => {
    const { vendors, run, rows } = await earlier('kalem', 'default');
    const before = (await rows()).get('k5');
    const place = vendors.kalem.default.findIndex(({ call }) => call['call_id'] === 'k5');
    vendors.kalem.default[place] = {
      lists: 'inbound',
      call: { ...vendors.kalem.default[place]?.call, agent: 'Night' },
    };
    expect((await run(24 * 9)).totals.changed).toBe(6);
    expect((await rows()).get('k5')).toMatchObject({
      agent: 'Night',
      _part_on: dayOf(AT),
      _first_seen_at: AT,
      _seq: BigInt(Number(before?.['_seq']) + 2),
    });
  });

  test('keeps the key of a call whose call_id changed', async () => {
    const { vendors, run, rows } = await earlier('zudu', 'default');
    vendors.zudu.default[2] = { ...vendors.zudu.default[2], call_id: 'c-third' };
    await run(2);
    expect([...(await rows()).keys()].sort()).toEqual(['a', 'b', 'c-first', 'e', 'uuid-d']);
  });

  test('has a deletion candidate marked by the next full scan', async () => {
    const { run, rows } = await earlier('solum', 'candidate');
    expect((await run(73)).totals).toMatchObject({ deleted: 1 });
    const deleted = [...(await rows())].filter(([, row]) => row['_deleted_at'] !== null).map(([id]) => id);
    expect(deleted).toEqual(['5e6f-3']);
  });

  test('has a record that left a list with a start of history marked deleted by the second full scan', async () => {
    const { vendors, run } = await earlier('solum', 'history');
    const historyStart = '2026-10-01';
    vendors.solum.history.pop();
    expect((await run(72, { historyStart })).totals.deleted).toBe(0);
    expect((await run(73, { historyStart })).totals.deleted).toBe(1);
  });

  test('has a child row marked deleted when its record no longer contains it', async () => {
    const { vendors, run, rows } = await earlier('kismet', 'default');
    const [call] = vendors.kismet.default.calls['102'] ?? [];
    const calls: Record<string, unknown> = vendors.kismet.default.calls;
    calls['102'] = [{ ...call, participants: [] }, ...(vendors.kismet.default.calls['102'] ?? []).slice(1)];
    expect((await run(8)).totals).toMatchObject({ deleted: 1 });
    const deleted = [...(await rows('kismet_call_participants'))].filter(([, row]) => row['_deleted_at'] !== null);
    expect(deleted.map(([key]) => key).sort()).toEqual(['4|Recipient|2', '5|Recipient|3']);
  });

  test('begins an interrupted full scan again, because nothing says what it had shown', async () => {
    const { run, last } = await earlier('solum', 'cut');
    const { requests, totals, exitCode } = await run(73);
    expect(exitCode).toBe(0);
    expect(requests.map(({ query }) => query['page'])).toEqual(['1', '2', '3', '4']);
    // Staged once more, because an earlier version staged them.
    expect(totals.changed).toBe(17);
    expect((await last())?.state['resume']).toBeUndefined();
  });

  test('continues an interrupted incremental read and finds the records below the interruption', async () => {
    const { run, rows, last } = await earlier('solum', 'head');
    expect((await last())?.state).toMatchObject({ resume: { kind: 'head', list: 'all', page: 2 } });
    expect((await rows()).size).toBe(11);
    expect((await run(2)).exitCode).toBe(0);
    expect((await rows()).size).toBe(13);
    expect((await last())?.state['resume']).toBeUndefined();
  });

  test('keeps requesting the list by POST if GET does not turn pages', async () => {
    const { run, last } = await earlier('zudu', 'post');
    const { requests } = await run(1);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'POST']);
    expect((await last())?.state).toMatchObject({ variant: 'post' });
  });

  test.each(['purge', 'purged_to'])('of account %s has its remaining copies redacted', async (account) => {
    const { store, run, last } = await earlier('zudu', account);
    const holding = () =>
      [...texts(store)].filter(([key, text]) => key.split(/[/=]/).includes(account) && text.includes('said by a'))
        .length;
    expect(holding()).toBeGreaterThan(0);
    expect((await run(3)).exitCode).toBe(0);
    expect(holding()).toBe(0);
    expect((await last())?.state).toMatchObject({ redact: [] });
    expect((await last())?.state).not.toHaveProperty('purge');
  });

  test('accepts a new call', async () => {
    const { vendors, run, rows } = await earlier('solum', 'default');
    vendors.solum.default.unshift(solumCall('new', -72 * 60));
    expect((await run(74)).totals.changed).toBe(10);
    expect((await rows()).get('new')).toMatchObject({ _seq: 5n, _deleted_at: null });
  });

  test('loads into a fresh warehouse the rows that the earlier version loaded, and shows none of their texts', async () => {
    const { store: files, path, open } = testWarehouse(await temporaryFolder());
    const lake = await earlierLake();
    for (const [key, body] of lake.objects) await files.put(key, body);
    const engine = open();
    const streams = (await listSources()).flatMap((source) =>
      Object.entries(source.streams).map(([stream, { tables }]) => ({ source: source.name, stream, tables })),
    );
    const ports = { store: files, engine, log: noLog, now: () => AT };
    const loaded = await loadHandler({ streams, accounts: EARLIER_ACCOUNTS }, ports)();
    await engine.close();
    const commits = [...lake.objects.keys()].filter((key) => key.startsWith('commits/'));
    expect(loaded).toMatchObject({ exitCode: 0, commits: commits.length });
    const rows = Object.fromEntries(
      [...(await readWarehouse(path))].map(([name, { safe, phi, problems }]) => {
        expect(problems).toEqual([]);
        return [name, { safe: present(safe), phi: present(phi) }];
      }),
    );
    expect(rows).toEqual(asNow(await earlierWarehouse()));
  });
});

/** Rows as this version loads the files of the earlier one: what it may hide is in the sensitive half until it is read again. */
function asNow(tables: Awaited<ReturnType<typeof earlierWarehouse>>) {
  return Object.fromEntries(
    Object.entries(tables).map(([name, { safe, phi }]) => {
      const { key, columns }: TableShape = TABLE_SHAPES[name as TableName];
      const isMoved = (column: string) =>
        !key.includes(column) && Boolean(columns[column]?.shown ?? columns[column]?.phi);
      const split = (row: Readonly<Record<string, unknown>>, moved: boolean) =>
        Object.fromEntries(Object.entries(row).filter(([column]) => isMoved(column) === moved));
      const moved = Object.entries(phi).map(([id, row]) => [id, { ...row, ...split(safe[id] ?? {}, true) }]);
      const kept = Object.entries(safe).map(([id, row]) => [id, split(row, false)]);
      return [name, { safe: Object.fromEntries(kept), phi: Object.fromEntries(moved) }];
    }),
  );
}

function present(half: ReadonlyMap<string, { readonly values: Readonly<Record<string, unknown>> }>) {
  const values = [...half].map(([key, row]): [string, unknown] => [
    key,
    Object.fromEntries(Object.entries(row.values).filter(([, value]) => value !== null)),
  ]);
  return Object.fromEntries(values);
}
