import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkAll } from '../../functions/check/check-all.ts';
import { noteErased } from '../../functions/lake/erasure-ledger.ts';
import { streamsToLoad } from '../../functions/load/plan.ts';
import type { Store } from '../../functions/ports.ts';
import { listSources } from '../../functions/source/registry.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { type DuckdbEngine, duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import type { View } from '../../schemas/views/view.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { HASH_KEY, makeHome, SOURCES } from '../helpers/home.ts';

/** Tables of calls, with the key and the start of a call that the vendor counts. */
const LOST: Readonly<Record<string, readonly [key: string, began: string]>> = {
  kismet_calls: ['id', 'created_at'],
  solum_calls: ['id', 'started_at'],
  zudu_calls: ['call_id', 'started_at'],
  kalem_calls: ['call_id', 'started_at'],
};

/** Numbers that no call can have, by column, and none at all. */
const ABSURD = {
  'kalem_calls.duration_seconds': '9000000000000000',
  'kalem_calls.cost': '-1',
  'solum_calls.sessions_scheduled': '9223372036854775807',
};
const NOTHING = Object.fromEntries(Object.keys(ABSURD).map((column) => [column, 'NULL']));
/** Each issue of these columns: how many calls name it, and how many `data_quality` counts. */
const NAMED = `SELECT q.source || ' ' || q.issue, count(c.call_id), max(q.calls) FROM callhouse.data_quality q
  JOIN callhouse.calls c ON c.source = q.source AND contains(c.implausible, q.issue)
  WHERE q.issue IN ('duration', 'cost', 'sessions') AND q.source IN ('kalem', 'solum') AND (q.source = 'kalem' OR q.issue = 'sessions')
  GROUP BY 1 ORDER BY 1`;

/** Faults planted into the warehouse of a small world, each taken back at the end of its test. */
describe('a warehouse', () => {
  let engine: DuckdbEngine;
  let store: Store;
  let views: readonly View[];
  let at: Date;

  beforeAll(async () => {
    const sims = await startSimulators({ callsPerVendor: 40, users: 2, days: 12, transcripts: 'short' });
    const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    const home = makeHome(folder, { env: sims.env });
    at = sims.now();
    store = home.store;
    expect((await home.run(at)).load).toMatchObject({ exitCode: 0 });
    await sims.close();
    engine = duckdbEngine({
      path: home.warehouse,
      pathOf: (key) => join(folder, 'lake', key),
      views: { timeZone: 'UTC' },
      sleep: async () => {},
    });
    views = viewsFor(await allTables(), { timeZone: 'UTC' });
    return async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    };
  }, 120_000);

  /** What `look` sees after the statements, which are then taken back. */
  async function planted<T>(statements: readonly string[], look: () => Promise<T>): Promise<T> {
    const seen: T[] = [];
    const takenBack = new Error('taken back');
    const plant = engine.atomically(async () => {
      for (const sql of statements) await engine.execute(sql);
      seen.push(await look());
      throw takenBack;
    });
    await expect(plant).rejects.toBe(takenBack);
    return seen[0] as T;
  }

  /** Checks of totals and counts that found something, as `subject check found`. */
  async function found(): Promise<readonly string[]> {
    const plan = {
      streams: streamsToLoad(await listSources()),
      accounts: Object.fromEntries(SOURCES.map((name) => [name, ['default']])),
    };
    const results = await checkAll({ plan, views, at, engine, store });
    return results
      .filter((result) => result.found > 0 && result.subject !== 'data_quality')
      .map(({ subject, check, found: count }) => `${subject} ${check} ${count}`);
  }

  const totals = async () => (await found()).filter((one) => one.includes('vendor_total'));

  test('agrees with what the vendors count', async () => {
    expect(await found()).toEqual([]);
  });

  test.each(Object.keys(LOST))('shows a call that is lost from %s', async (table) => {
    const [key, began] = LOST[table] ?? [];
    const first = `(SELECT arg_min(${key}, ${began}) FROM callhouse.${table} WHERE ${began} >= TIMESTAMP '2000-01-01' AND _deleted_at IS NULL)`;
    const lost = [
      // Kalem counts the calls of each direction, so those without one would hide as many lost calls.
      ...(table === 'kalem_calls'
        ? ['UPDATE callhouse.kalem_calls SET _deleted_at = _first_seen_at WHERE direction IS NULL']
        : []),
      ...['callhouse_phi', 'callhouse'].map((database) => `DELETE FROM ${database}.${table} WHERE ${key} = ${first}`),
    ];
    const days = table === 'kismet_calls' ? ['kismet_metrics_reconciliation vendor_count 1'] : [];
    expect(await planted(lost, found)).toEqual([`${table} vendor_total 1`, ...days]);
  });

  test('misses no call that was erased', async () => {
    const ledger = { key: HASH_KEY, at: at.getTime(), object: 'erasure' };
    await noteErased(
      store,
      { source: 'solum', account: 'default' },
      [{ stream: 'calls', by: 'key', text: 'a' }],
      ledger,
    );
    const erased =
      'DELETE FROM callhouse.solum_calls WHERE id = (SELECT min(id) FROM callhouse.solum_calls WHERE _deleted_at IS NULL)';
    expect(await planted([erased], totals)).toEqual([]);
    await store.delete('erasures/solum/default/erasure.json');
    expect(await planted([erased], totals)).toEqual(['solum_calls vendor_total 1']);
  });

  test('shows a call that is on the wrong day, and both days', async () => {
    const first =
      "(SELECT arg_min(id, created_at) FROM callhouse.kismet_calls WHERE created_at >= TIMESTAMP '2000-01-01')";
    const moved = `UPDATE callhouse.kismet_calls SET created_at = created_at + INTERVAL 1 DAY WHERE id = ${first}`;
    const days = async () =>
      (
        await engine.query(
          'SELECT difference FROM callhouse.kismet_metrics_reconciliation WHERE is_complete_day AND difference <> 0 ORDER BY date',
        )
      ).rows.flat();
    expect(await planted([moved], found)).toEqual(['kismet_metrics_reconciliation vendor_count 2']);
    expect(await planted([moved], days)).toEqual([-1, 1]);
  });

  test('names absurd numbers in calls and data_quality, and no other figure moves', async () => {
    const set = (values: Readonly<Record<string, string>>) =>
      Object.entries(values).map(([column, value]) => {
        const [table, name] = column.split('.');
        return `UPDATE callhouse.${table} SET ${name} = ${value} WHERE ${name} > 0 AND started_at < ended_at AND hash(started_at) % 2 = 0`;
      });
    const figures = async () => {
      const rows: Record<string, unknown> = {};
      for (const { name, columns } of views) {
        if (name === 'data_quality' || name === 'freshness') continue;
        const kept = Object.keys(columns).filter((column) => !column.startsWith('implausible'));
        rows[name] = (await engine.query(`SELECT ${kept.join(', ')} FROM callhouse.${name} ORDER BY ALL`)).rows;
      }
      return rows;
    };
    // The same values, if the vendor had sent none.
    const absent = await planted(set(NOTHING), figures);
    expect(await planted(set(ABSURD), figures)).toEqual(absent);

    const named = async () => (await engine.query(NAMED)).rows;
    const before = new Map((await named()).map(([issue, , calls]) => [issue, Number(calls)]));
    const rows = await planted(set(ABSURD), named);
    expect(rows.map(([issue]) => issue)).toEqual(['kalem cost', 'kalem duration', 'solum sessions']);
    for (const [issue, calls, counted] of rows) {
      expect(counted).toBe(calls);
      expect(counted).toBeGreaterThan(before.get(issue) ?? 0);
    }
  });
});
