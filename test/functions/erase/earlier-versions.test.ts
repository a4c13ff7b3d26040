import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErasePorts } from '../../../functions/erase/erase-records.ts';
import type { Person } from '../../../functions/erase/person.ts';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { eraseIn } from '../../helpers/erase-in.ts';
import { HASH_KEY, makeHome } from '../../helpers/home.ts';
import { type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { ZUDU_ENV, zuduServer } from '../../helpers/zudu-server.ts';

const NUMBER = '+15551230001';
const PHONE: Person = { kind: 'phone', text: '555-123-0001' };
const at = (hour: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);

/** A home whose calls had a number that the vendor has corrected, emptied or kept since, and one call of another number. */
async function corrected() {
  const first = [
    solumCall('kept', 1, { customer_number: NUMBER, summary: 'zq-kept' }),
    solumCall('corrected', 2, { customer_number: '(555) 123-0001', summary: 'zq-corrected' }),
    solumCall('emptied', 3, { customer_number: NUMBER, patient_id: 'zq-patient', summary: 'zq-emptied' }),
    solumCall('other', 4, { customer_number: '+15551239999', summary: 'zq-other' }),
    // No table has a record without an id, so it is in raw copies alone.
    { ...solumCall('', 5, { customer_number: NUMBER, summary: 'zq-keyless' }) },
    { ...solumCall('', 6, { customer_number: '+15551239999', summary: 'zq-other-keyless' }) },
  ];
  const calls = [...first];
  const server = await solumServer(calls);
  const folder = await temporaryFolder();
  const env = { SOLUM_BASE_URL: server.url, SOLUM_API_KEY: 'key' };
  const home = makeHome(join(folder, 'home'), { env, sources: ['solum'] });
  expect(await home.run(at(9))).toMatchObject({ load: { exitCode: 0 } });
  calls[1] = solumCall('corrected', 2, { customer_number: '+15551239999', summary: 'zq-corrected later' });
  calls[2] = solumCall('emptied', 3, { customer_number: null, patient_id: null, summary: null });
  const run = () => home.run(at(33));
  expect(await run()).toMatchObject({ load: { exitCode: 0 } });
  const copy = async (name: string) => {
    await cp(join(folder, 'home'), join(folder, name), { recursive: true });
    return join(folder, name);
  };
  return { copy, run: () => home.run(at(60)), home: join(folder, 'home') };
}

const TEXTS = [NUMBER, '(555) 123-0001', 'zq-kept', 'zq-corrected', 'zq-emptied', 'zq-keyless', 'zq-patient'];

async function left(folder: string): Promise<readonly string[]> {
  const all = await readDataDirectory(folder);
  return TEXTS.flatMap((text) => placesWith(all, text).map((place) => `${text} in ${place}`));
}

test('calls are erased whose number the vendor has corrected or emptied since, and records without a key', async () => {
  const { copy, run, home } = await corrected();
  for (const [name, gone, person] of [
    ['both copies', [], PHONE],
    ['raw copies alone', ['staging'], PHONE],
    ['staged files alone', ['raw'], PHONE],
    ['by the hash', [], { kind: 'hash', hash: keyedHash('phone', NUMBER, HASH_KEY) }],
  ] as const) {
    const folder = await copy(name);
    for (const part of gone) await rm(join(folder, 'lake', part), { recursive: true });
    const planned = await eraseIn(folder, 'solum', [person], (ports) => ports);
    const isRaw = !gone.some((part) => part === 'raw');
    expect({ name, planned }).toMatchObject({ name, planned: [{ rows: { solum_calls: 3 }, earlier: 2 }] });
    expect({ name, isRaw: (planned[0]?.keyless ?? 0) > 0 }).toEqual({ name, isRaw });
    expect({ name, left: await left(folder) }).toEqual({ name, left: [] });
    const all = await readDataDirectory(folder);
    expect(placesWith(all, 'zq-other').length).toBeGreaterThan(1);
    const raw = placesWith(all, 'zq-other-keyless');
    expect({ name, isRaw: raw.length > 0 }).toEqual({ name, isRaw });
  }
  const [patient] = await eraseIn(await copy('patient'), 'solum', [{ kind: 'patient', text: 'zq-patient ' }]);
  expect(patient).toMatchObject({ rows: { solum_calls: 1 }, earlier: 1, keyless: 0 });
  await eraseIn(home, 'solum', [PHONE]);
  expect(await run()).toMatchObject({ load: { exitCode: 0 } });
  expect(await linesIn(join(home, 'warehouse.duckdb'), 'SELECT id FROM callhouse_phi.solum_calls')).toEqual(['other']);
});

test('an erasure of them that is killed anywhere is completed by the next one, though nothing else leads to them any more', async () => {
  const { copy } = await corrected();
  const erase = async (folder: string, kill?: Kill) => {
    let effects: readonly string[] = [];
    const wrap = ({ store, engine, ...ports }: ErasePorts): ErasePorts => {
      const { effect, ...killing } = killingStore(store, kill);
      effects = killing.effects;
      const execute: typeof engine.execute = (sql, token) => effect('statement', () => engine.execute(sql, token));
      return { ...ports, store: killing.store, engine: { ...engine, execute } };
    };
    await eraseIn(folder, 'solum', [PHONE], wrap).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    return effects;
  };
  const effects = await erase(await copy('whole'));
  expect(effects.length).toBeGreaterThan(8);
  for (let n = 1; n <= effects.length; n += 1) {
    const folder = await copy(`killed ${n}`);
    await erase(folder, { effect: n, when: 'before' });
    await erase(folder);
    const ids = 'SELECT id FROM callhouse.solum_calls UNION SELECT id FROM callhouse_phi.solum_calls';
    const rows = await linesIn(join(folder, 'warehouse.duckdb'), ids);
    const named = placesWith(await readDataDirectory(folder), 'corrected');
    expect({ n, rows, left: await left(folder), named }).toEqual({ n, rows: ['other'], left: [], named: [] });
  }
});

test('a call is found under its first key, though a later page shows another one', async () => {
  const call = (id: string, key: string, number: string, said: string) => ({
    ...{ id, call_id: key, start_timestamp: 1_761_987_600_000, opt_out_sensitive_data_storage: false },
    ...{ direction: 'inbound', from_number: number, transcript: said },
  });
  const calls = [call('u1', 'first', '+15551239999', 'zq-one'), call('u2', 'second', '+15551239998', 'zq-two')];
  const server = await zuduServer(calls);
  const folder = await temporaryFolder();
  const home = makeHome(folder, { env: { ...ZUDU_ENV, ZUDU_BASE_URL: server.url }, sources: ['zudu'] });
  await home.run(at(9));
  calls[0] = call('u1', 'zq-later', NUMBER, 'zq-one');
  await home.run(at(33));
  calls[0] = call('u1', 'zq-later', '+15551239999', 'zq-one');
  await home.run(at(57));
  await rm(join(folder, 'lake', 'staging'), { recursive: true });
  const [certificate] = await eraseIn(folder, 'zudu', [PHONE]);
  expect(certificate).toMatchObject({ rows: { zudu_calls: 1 }, earlier: 1 });
  const all = await readDataDirectory(folder);
  expect(['zq-one', NUMBER, 'zq-later'].flatMap((text) => placesWith(all, text))).toEqual([]);
  expect(placesWith(all, 'zq-two').length).toBeGreaterThan(1);
});
