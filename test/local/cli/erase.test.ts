import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { takeLease } from '../../../functions/lake/lease.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import type { CanaryPlace, Simulators } from '../../../local/simulators/start-simulators.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { changeFile } from '../../helpers/duckdb-file.ts';
import { readWarehouse } from '../../helpers/oracle/read-warehouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const CANARIES = Array.from({ length: 60 }, (_, n) => `cnry${(n * 7919 + 104_729).toString(36)}q${n}`);
const HOUR_MS = 3_600_000;

/** A data directory after runs, with late edits and opt-outs in between, and commands on it. */
async function filled({ runs = 1 } = {}) {
  const { simulators, env } = await demoVendors({ days: 10, callsPerVendor: 12, users: 2, canaries: CANARIES });
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const config = join(folder, 'new-york.json');
  await writeFile(config, '{ "timeZone": "America/New_York" }');
  const act = (args: readonly string[], input = '', answer?: string) =>
    callhouseHere([...args, '--data-dir', data], { env, input, answer });
  const run = () => act(['run', '--config', config, '--at', simulators.now().toISOString()]);
  for (let n = 0; n < runs; n += 1) {
    if (n > 0) simulators.advance(25 * HOUR_MS);
    expect(await run()).toMatchObject({ code: 0 });
  }
  const erase = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await act(['erase', ...args, '--json'], input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.anything() });
    return JSON.parse(stdout);
  };
  return { simulators, data, act, run, erase, keys: () => keysIn(join(data, 'warehouse.duckdb')) };
}

/** Keys of every row, by table and half. */
async function keysIn(warehouse: string): Promise<Set<string>> {
  const tables = await readWarehouse(warehouse);
  const names = [...tables].flatMap(([table, { safe, phi }]) =>
    Object.entries({ safe, phi }).flatMap(([half, rows]) => [...rows.keys()].map((key) => `${table} ${half} ${key}`)),
  );
  return new Set(names);
}

/** Canaries that only calls hold, which did not opt out, one in each vendor at least; and these calls. */
function victims({ ledger }: Simulators) {
  const { canaries } = ledger;
  const placesOf = (canary: string) => canaries.filter((one) => one.canary === canary);
  // Zudu's canaries in ids give two calls one id, which the document excludes.
  const isUsual = ({ stream, optedOut, vendor, field }: CanaryPlace) =>
    stream === 'calls' && !optedOut && !(vendor === 'zudu' && /id$/.test(field));
  const isInCalls = (canary: string) => placesOf(canary).every(isUsual);
  const chosen = ['kismet', 'solum', 'zudu', 'kalem'].flatMap((vendor) => {
    const own = canaries.filter((one) => one.vendor === vendor && isInCalls(one.canary));
    return own.slice(0, 1).map(({ canary }) => canary);
  });
  expect(chosen.length).toBeGreaterThan(2);
  // A canary may stand in the id itself.
  const servedId = ({ vendor, id }: CanaryPlace) => {
    const text = ledger.entries(vendor, 'calls').get(id)?.versions.at(-1)?.text ?? '{}';
    return String((JSON.parse(text) as { call_id?: unknown }).call_id ?? id);
  };
  const calls = new Map(
    chosen
      .flatMap(placesOf)
      .map((place) => [`${place.vendor}:${place.id}`, { vendor: place.vendor, id: servedId(place) }]),
  );
  return { canaries: [...new Set(chosen)], calls: [...calls.values()] };
}

describe('erase', () => {
  test('leaves no byte of a call, and nothing brings it back', { timeout: 120_000 }, async () => {
    const { simulators, data, act, run, erase, keys } = await filled({ runs: 2 });
    const { canaries, calls } = victims(simulators);
    const held = await readDataDirectory(data);
    for (const canary of canaries) expect(placesWith(held, canary).length).toBeGreaterThan(3);
    const before = await keys();
    let count = 0;
    for (const { vendor, id } of calls) {
      const planned = await erase(['--call', `${vendor}:${id}`, '--dry-run']);
      const { rows, lake } = await erase(['--call', `${vendor}:${id}`]);
      expect(rows).toEqual(planned.rows);
      expect({ vendor, calls: rows[`${vendor}_calls`] }).toEqual({ vendor, calls: 1 });
      expect(lake.raw.changed * lake.staged.changed * lake.digests.changed).toBeGreaterThan(0);
      const { call_versions: versions = 0, ...own } = rows;
      expect({ vendor, hasVersions: versions > 0 }).toEqual({ vendor, hasVersions: vendor === 'solum' });
      count += Object.values<number>(own).reduce((sum, n) => sum + n, 0);
    }
    const ids = calls.flatMap(({ vendor, id }) => (vendor === 'kismet' ? [] : [id]));
    const expectGone = async () => {
      const all = await readDataDirectory(data);
      for (const text of [...canaries, ...ids]) expect(placesWith(all, text)).toEqual([]);
    };
    await expectGone();
    const after = await keys();
    const erased = [...before].filter((key) => !after.has(key));
    expect(erased).toHaveLength(2 * count);
    expect([...after].filter((key) => !before.has(key))).toEqual([]);

    expect(await act(['replay'])).toMatchObject({ code: 0 });
    await expectGone();
    simulators.advance(HOUR_MS);
    expect(await run()).toMatchObject({ code: 0 });
    const window = ['--from', '2000-01-01T00:00:00Z', '--to', simulators.now().toISOString()];
    expect(await act(['backfill', 'zudu', ...window])).toMatchObject({ code: 0 });
    await rm(join(data, 'lake', 'commits'), { recursive: true });
    expect(await run()).toMatchObject({ code: 0 });
    await rm(join(data, 'warehouse.duckdb'));
    expect(await run()).toMatchObject({ code: 0 });
    expect(await act(['rotate-hash-key'])).toMatchObject({ code: 0 });
    simulators.advance(HOUR_MS);
    expect(await run()).toMatchObject({ code: 0 });
    await expectGone();
    const now = await keys();
    expect(erased.filter((key) => now.has(key))).toEqual([]);
    expect(now.size, 'the others are there').toBeGreaterThan(after.size / 2);
  });

  test('erases the calls of a number or a patient, however it is written, and counts who else mentions it', async () => {
    const { data, act, erase } = await filled();
    const query = async (sql: string) => JSON.parse((await act(['query', '--phi', sql, '--format', 'json'])).stdout);
    const [{ number }] = await query(
      "select from_number as number from callhouse_phi.kalem_calls where from_number like '+1__________' limit 1",
    );
    const spelled = number.replace(/^\+1(...)(...)(....)$/, '($1) $2-$3');
    const planned = await erase(['--phone', '--dry-run'], `${spelled}\n`);
    const { rows, mentions, isDryRun } = await erase(['--phone'], `${spelled}\n`);
    expect({ rows, isDryRun }).toEqual({ rows: planned.rows, isDryRun: false });
    expect(rows.kalem_calls).toBeGreaterThan(0);
    expect(mentions).toBe(0);
    expect(placesWith(await readDataDirectory(data), number)).toEqual([]);
    const [{ patient, hash }] = await query(
      'select patient_id as patient, patient_id_hash as hash from callhouse_phi.solum_calls join callhouse.solum_calls using (id) where patient_id is not null limit 1',
    );
    const byHash = await erase(['--hash', hash, '--dry-run']);
    const byId = await erase(['--patient'], patient);
    expect(byId.rows).toEqual(byHash.rows);
    expect(placesWith(await readDataDirectory(data), patient)).toEqual([]);
    expect(placesWith(await readDataDirectory(data), hash)).toEqual([]);
    expect((await erase(['--hash', hash])).rows).toEqual({});
    const left = await query(
      'select count(*) as versions, count(case when s.id is null then 1 end) as erased from call_versions left join solum_calls s on s.id = call_id',
    );
    expect(left).toEqual([{ versions: expect.any(Number), erased: 0 }]);
    expect(left[0].versions).toBeGreaterThan(3);
  });

  test('changes nothing if so many need a confirmation, if a run is at work, or if something waits to be loaded', async () => {
    const { data, act, keys } = await filled();
    const before = await keys();
    const refuses = async (says: string | RegExp, ...args: string[]) => {
      const { code, stderr } = await act(['erase', ...args]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(says) });
      expect(await keys()).toEqual(before);
    };
    await refuses('did you mean zudu', '--call', 'zudo:a');
    await refuses('did you mean default', '--call', 'zudu:a', '--account', 'defalt');
    const hash = 'a'.repeat(64);
    await changeFile(
      join(data, 'warehouse.duckdb'),
      `UPDATE callhouse.kismet_calls SET livekit_session_id_hash = '${hash}'`,
    );
    const many = Array.from(
      { length: 30 },
      (_, n) =>
        `INSERT INTO callhouse.kismet_calls BY NAME (SELECT * REPLACE (${9_000_000 + n} AS id) FROM callhouse.kismet_calls LIMIT 1)`,
    );
    await changeFile(join(data, 'warehouse.duckdb'), many.join(';'));
    before.clear();
    for (const key of await keys()) before.add(key);
    const ofNobody = keyedHash('patient', '', (await readFile(join(data, 'hash.key'), 'utf8')).trim());
    await refuses(/that of an empty text/, '--hash', ofNobody);
    await refuses(/\d+ of \d+ records would be erased for ever; nothing was changed.*--yes/, '--hash', hash);
    const asked = await act(['erase', '--hash', hash], '', 'no');
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringMatching(/^\d+ of \d+ records would be erased.*yes/) });
    expect(await keys()).toEqual(before);
    const { now } = Date;
    const ports = { store: fsStore(join(data, 'lake')), now, timer: nodePorts.timer, random: Math.random };
    const lease = await takeLease('kalem', 'default', { ...ports, process: thisProcess() });
    await refuses('a run is in progress', '--call', 'kalem:x');
    await lease.release();
    expect(await act(['erase', '--hash', hash], '', 'Yes\n')).toMatchObject({ code: 0 });
    before.clear();
    for (const key of await keys()) before.add(key);
    await rm(join(data, 'lake', 'progress'), { recursive: true });
    await refuses('not everything that was read is loaded', '--call', 'kalem:x');
  });

  test('noted under a key that is lost lets no run store what was erased', async () => {
    const { data, run, erase, simulators } = await filled();
    const [id = ''] = simulators.ledger.entries('solum', 'calls').keys();
    await erase(['--call', `solum:${id}`]);
    // Views and copy stay as the run made them, though this command knows no settings.
    const { settings } = JSON.parse(await readFile(join(data, '.published.json'), 'utf8'));
    expect(settings).toMatchObject({ timeZone: 'America/New_York' });
    const key = join(data, 'erasure.key');
    const kept = await readFile(key);
    expect((await stat(key)).mode & 0o077).toBe(0);
    await rm(key);
    expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('erasure.key is missing') });
    await writeFile(key, 'b'.repeat(64));
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('restore erasure.key from a backup'),
    });
    await writeFile(key, kept);
    expect(await run()).toMatchObject({ code: 0 });
  });
});

test.each([
  [[], 'nothing says what to erase'],
  [['--phone', '--patient'], 'several options say what to erase'],
  [['--call', 'zudu'], '--call is not SOURCE:ID'],
  [['--call', 'zudu: '], '--call is not SOURCE:ID'],
  [['--hash', 'abc'], '--hash is not 64 hex digits'],
  [['--phone'], 'standard input is not one line'],
])('erase %j is refused before anything is opened', async (args, says) => {
  const data = join(await temporaryFolder(), 'data');
  const { code, stderr } = await callhouseHere(['erase', ...args, '--data-dir', data], { input: '\n\n' });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
});

test('an id of marks that nobody sees is refused as an empty one is', async () => {
  const data = join(await temporaryFolder(), 'data');
  const { code, stderr } = await callhouseHere(['erase', '--patient', '--data-dir', data], { input: '\u200e\n' });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('standard input is not one line') });
});

test('a number that is given to a flag is refused, and not quoted', async () => {
  const { code, stderr } = await callhouseHere(['erase', "--phone=+1 555'123 (0001)"]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: "callhouse: unknown option '--phone'\n" });
});
