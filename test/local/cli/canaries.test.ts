import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { callhouse } from '../../helpers/callhouse.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Names and diagnoses of one word, which look like a word of a list. No simulator has them. */
const WORDS = ['Xiomara', 'Thorvald', 'Endometriosis', 'Schizophrenia', 'Gonorrhoea', 'F32.1'];
const MADE_UP = Array.from({ length: 34 }, (_, n) => `cnry${(n * 7919 + 104_729).toString(36)}q${n}`);
const CANARIES = [...MADE_UP, ...WORDS];
const HOUR_MS = 3_600_000;

/** Canaries that a text contains. */
function foundIn(text: string): Set<string> {
  return new Set(CANARIES.filter((canary) => text.includes(canary)));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Text of every file whose path matches, decompressed. */
async function textOf(files: readonly string[], place: RegExp): Promise<string> {
  const texts = files
    .filter((file) => place.test(file))
    .map(async (file) => {
      const bytes = await readFile(file);
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    });
  return (await Promise.all(texts)).join('\n');
}

/** Every cell of every table and view of a schema, and of every staged file. */
async function readAll(data: string, staged: readonly string[]) {
  const instance = await DuckDBInstance.create(join(data, 'warehouse.duckdb'), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const dump = async (from: string) => {
    const rows = await (await connection.run(`SELECT CAST(t AS VARCHAR) FROM ${from} AS t`)).getRows();
    return rows.flat().join('\n');
  };
  const copy = join(data, 'bi', 'callhouse.duckdb');
  await connection.run(`ATTACH '${copy}' AS copy (READ_ONLY)`);
  const schema = async (name: string, database = 'warehouse') => {
    const sql = `SELECT table_name FROM information_schema.tables WHERE table_schema = '${name}' AND table_catalog = '${database}'`;
    const tables = (await (await connection.run(sql)).getRows()).flat();
    const texts: string[] = [];
    for (const table of tables) texts.push(await dump(`"${database}"."${name}"."${table}"`));
    return texts.join('\n');
  };
  const files: string[] = [];
  for (const file of staged) files.push(await dump(`read_parquet('${file}')`));
  const all = {
    safe: await schema('callhouse'),
    main: await schema('main'),
    phi: await schema('callhouse_phi'),
    copy: await schema('main', 'copy'),
    copyBytes: (await readFile(copy)).toString('latin1'),
    staged: files.join('\n'),
  };
  connection.closeSync();
  instance.closeSync();
  return all;
}

test('health data is only where it must be: 40 canaries', async () => {
  const { simulators, env } = await demoVendors({ days: 10, callsPerVendor: 60, users: 2, canaries: CANARIES });
  const data = join(await temporaryFolder(), 'data');
  let printed = '';
  const say = async (...args: string[]) => {
    const { stdout, stderr, code } = await callhouse([...args, '--data-dir', data], { env });
    printed += `${stdout}\n${stderr}\n`;
    return code;
  };
  const run = (...args: string[]) => say('run', '--at', simulators.now().toISOString(), ...args);
  expect(await run()).toBe(0);
  simulators.advance(25 * HOUR_MS);
  simulators.setFaults({ rate: 0.1, kinds: ['cut', 'html200', 'empty200'] });
  expect(await run('--debug', '--json')).toBe(0);
  await say('status');
  for (const wrong of [
    'summary::int from callhouse_phi.solum_calls',
    '_extra::date from callhouse_phi.zudu_calls',
    'error(name) from callhouse_phi.kismet_calls',
  ]) {
    expect(await say('query', '--phi', `select ${wrong}`)).toBe(2);
  }

  const places = simulators.ledger.canaries;
  const kept = new Set(places.filter(({ optedOut }) => !optedOut).map(({ canary }) => canary));
  const refused = new Set(
    places
      .filter(({ optedOut }) => optedOut)
      .map(({ canary }) => canary)
      .filter((canary) => !kept.has(canary)),
  );
  expect(kept.size + refused.size).toBe(CANARIES.length);
  expect(kept.size).toBeGreaterThan(30);

  const files = await filesIn(data);
  const staged = files.filter((file) => file.endsWith('.parquet'));
  expect(await say('query', 'select count(*) from calls')).toBe(0);
  const { safe, main, phi, copy, copyBytes, staged: inStaged } = await readAll(data, staged);
  // Controls: the search finds what is there.
  expect(foundIn(await textOf(files, /\/lake\/raw\//))).toEqual(kept);
  expect(foundIn(inStaged)).toEqual(kept);
  expect(foundIn(phi)).toEqual(kept);

  const nowhere = new Set();
  expect(foundIn(printed)).toEqual(nowhere);
  expect(foundIn(files.map((file) => relative(data, file)).join('\n'))).toEqual(nowhere);
  expect(foundIn(await textOf(files, /\/lake\/(?!raw\/|staging\/)/))).toEqual(nowhere);
  expect(foundIn(await textOf(files, /\/report\.html$/))).toEqual(nowhere);
  expect(foundIn(safe)).toEqual(nowhere);
  expect(foundIn(main)).toEqual(nowhere);
  expect(copy.length).toBeGreaterThan(main.length / 2);
  expect(foundIn(copy + copyBytes)).toEqual(nowhere);
  for (const [name, secret] of Object.entries(env)) {
    if (/KEY|SECRET|TOKEN/.test(name))
      expect(printed + (await textOf(files, /\/lake\/commits|report/))).not.toContain(secret);
  }
});
