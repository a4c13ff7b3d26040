import { describe, expect, test } from 'vitest';
import { commitSchema } from '../../functions/lake/commit.ts';
import { findSource } from '../../functions/source/registry.ts';
import { DAY_MS, HOUR_MS } from '../../functions/time.ts';
import { type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { isAwaitingRotation } from '../helpers/awaiting-rotation.ts';
import { HASH_KEY, type Home, makeHome, SOURCES } from '../helpers/home.ts';
import { compareTables } from '../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../helpers/oracle/read-warehouse.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

async function keysBelow(home: Home, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of home.store.list(prefix)) keys.push(key);
  return keys;
}

describe('a second run at a frozen clock', () => {
  test('sends requests to every vendor, stages nothing and changes no row', async () => {
    const sims = await startSimulators({ days: 20, callsPerVendor: 80, users: 3, seed: 5 });
    const home = makeHome(await temporaryFolder(), { env: sims.env });
    const first = await home.run(sims.now());
    expect(Object.values(first.load.changed).reduce((sum, rows) => sum + rows, 0)).toBeGreaterThan(400);
    const staged = await keysBelow(home, 'staging/');
    const raw = await keysBelow(home, 'raw/');
    expect(staged.length).toBeGreaterThan(6);
    sims.resetRequests();
    const second = await home.run(sims.now());
    for (const source of SOURCES)
      expect(sims.requests.filter(({ vendor }) => vendor === source).length, source).toBeGreaterThan(0);
    expect(await keysBelow(home, 'staging/')).toEqual(staged);
    expect(await keysBelow(home, 'raw/')).toEqual(raw);
    const changed = Object.entries(second.load.changed).filter(
      ([table, rows]) => rows > 0 && !table.endsWith('.loads'),
    );
    expect(changed).toEqual([]);
    await sims.close();
  });
});

describe('an hourly run', () => {
  test('without a sweep costs at most a tenth of the requests of a full load in pages of its size, for each vendor', {
    timeout: 240_000,
  }, async () => {
    const sims = await startSimulators({ days: 60, callsPerVendor: 2000, users: 8, seed: 9, transcripts: 'short' });
    const home = makeHome(await temporaryFolder(), { env: sims.env });
    const full = new Map<string, number>();
    const hourly = new Map<string, number[]>();
    for (let hour = 0; hour <= 11; hour += 1) {
      if (hour > 0) sims.advance(HOUR_MS);
      for (const source of SOURCES) {
        sims.resetRequests();
        const { exitCode } = await home.extract(source, sims.now());
        expect(exitCode, source).toBe(0);
        if (hour === 0) full.set(source, sims.requests.length);
        else if (!(await swept(home, source)))
          hourly.set(source, [...(hourly.get(source) ?? []), sims.requests.length]);
      }
    }
    for (const source of SOURCES) {
      const runs = hourly.get(source) ?? [];
      const mean = runs.reduce((sum, requests) => sum + requests, 0) / runs.length;
      expect(runs.length, source).toBeGreaterThan(6);
      // A full load has larger pages where the vendor documents them.
      const { pageSize = 1, largestPage = pageSize } = (await findSource(source)).streams['calls'] ?? {};
      const all = ((full.get(source) ?? 0) * largestPage) / pageSize;
      expect(mean / all, `${source}: ${mean} of ${all}`).toBeLessThanOrEqual(0.1);
    }
    await sims.close();
  });
});

/** True where the last run of the source's calls read everything. */
async function swept(home: Home, source: string): Promise<boolean> {
  const key = (await keysBelow(home, `commits/${source}/default/calls/`)).at(-1) ?? '';
  const commit = commitSchema.parse(JSON.parse(Buffer.from((await home.store.get(key)) ?? []).toString()));
  return commit.scans.some(({ kind }) => kind === 'sweep');
}

describe('faults and drift', () => {
  test('in a third of the answers lead to the same tables as no faults', async () => {
    const tables = await Promise.all(
      [undefined, 0.3].map((rate) =>
        tablesAfter(async (sims) => sims.setFaults(rate === undefined ? undefined : { rate, seed: 3 })),
      ),
    );
    expect(tables[0]?.faults).toBe(0);
    expect(tables[1]?.faults).toBeGreaterThan(80);
    expect(tables[1]?.rows).toEqual(tables[0]?.rows);
  });

  test('at a third of the page turns neither lose nor duplicate a record', async () => {
    const { sims, home } = await worldOf(async (started) => started.setDrift(0.3, 7, 0.2));
    sims.setDrift(0);
    // The last run reads everything: a Kalem call in neither direction is seen by such runs alone.
    await extractAfter([2, 72, 2, 80], sims, home);
    expect(await home.load()).toMatchObject({ exitCode: 0 });
    const expected = expectedTables(sims, { hashKey: HASH_KEY, values: 'served', include: 'servable' });
    const settledBefore = new Date(sims.now().getTime() - 5 * DAY_MS);
    const mayBeMissing = isAwaitingRotation(sims.now());
    expect(compareTables(expected, await readWarehouse(home.warehouse), { settledBefore, mayBeMissing })).toEqual([]);
    await sims.close();
  });
});

async function worldOf(disturb: (sims: Simulators) => Promise<void>) {
  const sims = await startSimulators({ days: 20, callsPerVendor: 80, users: 3, seed: 21 });
  const home = makeHome(await temporaryFolder(), { env: sims.env });
  await disturb(sims);
  await extractAfter([0, 1, 24, 80, 2], sims, home);
  return { sims, home };
}

/** A run of every source after each of these pauses; what they staged is loaded later, all at once. */
async function extractAfter(pauses: readonly number[], sims: Simulators, home: Home): Promise<void> {
  for (const hours of pauses) {
    sims.advance(hours * HOUR_MS);
    for (const source of SOURCES) await home.extract(source, sims.now());
  }
}

/** Vendor columns of every row after a few runs; runs that failed are made good by those after them. */
async function tablesAfter(disturb: (sims: Simulators) => Promise<void>) {
  const { sims, home } = await worldOf(disturb);
  const faults = sims.requests.filter(({ fault }) => fault !== undefined).length;
  sims.setFaults(undefined);
  await extractAfter([72, 2, 2], sims, home);
  expect(await home.load()).toMatchObject({ exitCode: 0 });
  const rows = [...(await readWarehouse(home.warehouse))].map(([table, { safe, phi }]) => [
    table,
    ...[safe, phi].map((half) => [...half].sort()),
  ]);
  await sims.close();
  return { faults, rows: JSON.parse(JSON.stringify(rows, withoutRun)) as unknown };
}

/** When a row was seen differs where a run failed in between; signatures differ at every read. */
function withoutRun(key: string, value: unknown): unknown {
  if (/^_(first_seen_at|changed_at|deleted_at|seq|load_id|part_on)$/.test(key)) return undefined;
  return typeof value === 'string' && key.endsWith('_url') ? value.split('?', 1)[0] : value;
}
