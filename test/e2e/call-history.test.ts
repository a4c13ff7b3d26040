import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listSources } from '../../functions/source/registry.ts';
import { type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { type DuckdbEngine, duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { makeHome } from '../helpers/home.ts';
import { replayWorld } from '../helpers/replay-world.ts';

const HOUR_MS = 3_600_000;

/** What a run saw of a call: its record, or that the vendor removed it. */
interface Sight {
  readonly at: number;
  readonly text: string | undefined;
  readonly status: string | null;
}

/**
 * What each run saw of each call, by the ledger alone. A call is removed once two runs in a row did not see it; a run that saw nothing new
 * of a call is left out.
 */
function sightsOf({ ledger }: Simulators, runs: readonly number[]): ReadonlyMap<string, readonly Sight[]> {
  const all = new Map<string, Sight[]>();
  for (const [id, { versions }] of ledger.entries('solum', 'calls')) {
    const sights: Sight[] = [];
    let missed = 0;
    for (const at of runs) {
      const shown = versions.find(({ from, to }) => from <= at && (to === null || to > at));
      missed = shown ? 0 : missed + 1;
      const last = sights.at(-1);
      if (shown && last?.text !== shown.text) {
        const { status } = JSON.parse(shown.text) as { status: string | null };
        sights.push({ at, text: shown.text, status });
      } else if (missed === 2 && last?.text !== undefined) sights.push({ at, text: undefined, status: null });
    }
    if (sights.length > 0) all.set(id, sights);
  }
  return all;
}

interface Stretch {
  readonly status: string | null;
  readonly isRemoved: boolean;
  readonly from: number;
  to: number | null;
  versions: number;
}

function stretchesOf(sights: readonly Sight[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { at, text, status } of sights) {
    const last = stretches.at(-1);
    if (last && last.status === status && last.isRemoved === (text === undefined)) last.versions += 1;
    else {
      if (last) last.to = at;
      stretches.push({ status, isRemoved: text === undefined, from: at, to: null, versions: 1 });
    }
  }
  return stretches;
}

/** Since when a call needs a follow-up, if a run saw that change: the first of the last runs that all saw it so. */
function seenSince(sights: readonly Sight[]): number | undefined {
  const shown = sights.filter(({ text }) => text !== undefined);
  const before = shown.findLastIndex(({ status }) => status !== 'follow_up_needed');
  return before >= 0 && shown[before]?.status !== null ? shown[before + 1]?.at : undefined;
}

/** Staff work through Solum's queue for days; vendors remove calls and show them again. */
describe('the history of calls that were read for six days', () => {
  let folder: string;
  let engine: DuckdbEngine;
  let sights: ReadonlyMap<string, readonly Sight[]>;

  const open = () =>
    duckdbEngine({
      path: join(folder, 'warehouse.duckdb'),
      pathOf: (key) => join(folder, 'lake', key),
      views: { timeZone: 'UTC' },
      sleep: async () => {},
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    const simulators = await startSimulators({ days: 12, callsPerVendor: 90, users: 1, transcripts: 'short', seed: 3 });
    const settings = { sources: { solum: { sweepEvery: '1h' } } };
    const home = makeHome(folder, { env: simulators.env, settings, sources: ['solum'] });
    const runs: number[] = [];
    for (let day = 0; day < 6; day += 1) {
      if (day > 0) simulators.advance(26 * HOUR_MS);
      runs.push(simulators.now().getTime());
      expect(await home.run(simulators.now())).toMatchObject({ load: { exitCode: 0 } });
    }
    sights = sightsOf(simulators, runs);
    await simulators.close();
    engine = open();
    await engine.prepare(await allTables());
    return async () => {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    };
  }, 120_000);

  test('is what the ledger says that the runs saw', async () => {
    const { rows } = await engine.query(
      'SELECT call_id, stretch, status, is_removed, epoch_ms(valid_from), epoch_ms(valid_to), is_current, versions FROM callhouse.call_status_history',
    );
    const expected = [...sights].flatMap(([id, seen]) =>
      stretchesOf(seen).map(({ status, isRemoved, from, to, versions }, n) =>
        [id, n + 1, status, isRemoved, from, to, to === null, versions].join(),
      ),
    );
    expect(rows.map((row) => row.join()).sort()).toEqual(expected.sort());
    const changed = [...sights.values()].filter((seen) => stretchesOf(seen).length > 1);
    expect(changed.length, 'calls whose status changed').toBeGreaterThan(10);
  });

  test('tells since when follow-ups are needed', async () => {
    const { rows } = await engine.query(
      "SELECT call_id, epoch_ms(since) FROM callhouse.follow_ups WHERE since_basis = 'seen'",
    );
    const open = [...sights].filter(([, seen]) => seen.at(-1)?.status === 'follow_up_needed');
    const expected = open.flatMap(([id, seen]) => {
      const since = seenSince(seen);
      return since === undefined ? [] : [[id, since].join()];
    });
    expect(rows.map((row) => row.join()).sort()).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(1);
    const { rows: all } = await engine.query('SELECT count(*) FROM callhouse.follow_ups');
    expect(Number(all[0]?.[0])).toBe(open.length);
  });

  test('is the same after a replay: of this warehouse, of a lost one, and without staged files', async () => {
    const read = async () => (await engine.query('SELECT * FROM callhouse.call_versions ORDER BY call_id, seq')).rows;
    const before = await read();
    expect(before).toHaveLength([...sights.values()].flat().length);
    await engine.close();
    const world = replayWorld(
      folder,
      (await listSources()).filter(({ name }) => name === 'solum'),
    );
    // Staged rows alone tell of a removal that did not last.
    const cameBack = new Set([...sights].flatMap(([id, seen]) => (isBack(seen) ? [id] : [])));
    expect(cameBack.size).toBeGreaterThan(0);
    // As if its words had been hidden, and are shown now.
    await world.change('UPDATE callhouse.call_versions SET status = NULL');
    for (const lost of [[], ['warehouse'], ['staging', 'warehouse']]) {
      await world.lose(...lost);
      expect(await world.replay()).toMatchObject({ exitCode: 0 });
      engine = open();
      const isTold = ([, , id]: readonly unknown[]) => !lost.includes('staging') || !cameBack.has(String(id));
      expect((await read()).filter(isTold), lost.join()).toEqual(before.filter(isTold));
      await engine.close();
    }
    engine = open();
  }, 60_000);
});

/** True of a call that the vendor removed for a while. */
function isBack(sights: readonly Sight[]): boolean {
  return sights.some(({ text }, n) => text === undefined && n + 1 < sights.length);
}
