import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../functions/time.ts';
import { type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { HASH_KEY, type Home, makeHome, SOURCES } from '../helpers/home.ts';
import { compareTables } from '../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../helpers/oracle/read-warehouse.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Days on which the world is read hour by hour. */
const HOURLY = new Set([4, 19]);
const DAYS = 30;
/** A removal or reappearance must be known after this long: the sweep is every three days. */
const SETTLED_MS = 8 * DAY_MS;
/** A call that reappears deep in its list is seen by the next full scan, after three days and the day's run at most. */
const REAPPEARED_MS = 4 * DAY_MS;

describe('thirty days of four vendors', () => {
  test('lead to a warehouse with exactly what the vendors served: each key once, and removed records marked', {
    timeout: 900_000,
  }, async () => {
    const sims = await startSimulators({ days: 30, callsPerVendor: 30, users: 3, seed: 11 });
    const home = makeHome(await temporaryFolder(), { env: sims.env });
    const seen: Record<string, unknown> = {};
    for (let day = 0; day <= DAYS; day += 1) {
      const hours = HOURLY.has(day) ? 24 : 1;
      for (let hour = 0; hour < hours && day > 0; hour += 1) {
        sims.advance((24 / hours) * HOUR_MS);
        await expectGoodRun(home, sims.now(), hours === 1 || hour % 12 === 11);
      }
      if (day === 0) await expectGoodRun(home, sims.now());
      const expected = expectedTables(sims, { hashKey: HASH_KEY, values: 'served' });
      const settledBefore = new Date(sims.now().getTime() - SETTLED_MS);
      const found = compareTables(expected, await readWarehouse(home.warehouse), { settledBefore });
      const reappeared = reappearedSince(sims, sims.now().getTime() - REAPPEARED_MS);
      seen[day] = found.filter((difference) => !isReappearing(difference, reappeared));
      expect(seen[day], `day ${day}`).toEqual([]);
    }
    // Nothing changes any more: the sweeps see every removal and reappearance, and each audit log is read within 31 days.
    sims.setDrift(0);
    for (const pause of [3 * DAY_MS, 2 * HOUR_MS, 2 * HOUR_MS, 31 * DAY_MS]) {
      sims.advance(pause);
      await expectGoodRun(home, sims.now());
    }
    const servable = expectedTables(sims, { hashKey: HASH_KEY, values: 'served', include: 'servable' });
    const settledBefore = new Date(sims.now().getTime() - SETTLED_MS);
    expect(compareTables(servable, await readWarehouse(home.warehouse), { settledBefore })).toEqual([]);
    expect(sims.requests.filter(({ kind }) => kind === 'details' || kind === 'write' || kind === 'unknown')).toEqual(
      [],
    );
    const kinds = new Set(sims.ledger.events.map(({ kind }) => kind));
    expect([...kinds].length, 'the world lived').toBeGreaterThan(5);
    await sims.close();
  });
});

/** Extracts every source, and loads unless told not to: what is staged waits for the next load. */
async function expectGoodRun(home: Home, at: Date, isLoaded = true): Promise<void> {
  for (const source of SOURCES) {
    const { exitCode, error, streams } = await home.extract(source, at);
    const failed = streams.filter((stream) => stream.error);
    expect({ exitCode, error, failed }).toEqual({ exitCode: 0, error: undefined, failed: [] });
  }
  if (isLoaded) expect(await home.load()).toMatchObject({ exitCode: 0, error: undefined });
}

/** Keys of calls that came back so lately that the full scan that will see them may not be due yet. */
function reappearedSince({ ledger }: Simulators, sinceMs: number): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { kind, at, vendor, id } of ledger.events) {
    if (kind !== 'reappearance' || at < sinceMs) continue;
    keys.add(`${vendor}_calls ${JSON.stringify(['default', id])}`);
    // A row of Zudu's is named by the first `call_id` that was seen.
    for (const { text } of ledger.entries(vendor, 'calls').get(id)?.versions ?? []) {
      const { call_id: name } = JSON.parse(text) as { readonly call_id?: string | null };
      if (name) keys.add(`${vendor}_calls ${JSON.stringify(['default', name])}`);
    }
  }
  return keys;
}

/** A row that is still marked though its call came back. */
function isReappearing(difference: string, reappeared: ReadonlySet<string>): boolean {
  const [, key] = /^callhouse(?:_phi)?\.(.*): the row is marked deleted, expected live$/.exec(difference) ?? [];
  return key !== undefined && reappeared.has(key);
}
