import { chmod, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeLease } from '../../../functions/lake/lease.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { listSources } from '../../../functions/source/registry.ts';
import { ownCommand } from '../../../local/console/own-command.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import type { Simulators } from '../../../local/simulators/start-simulators.ts';
import { namedColumns } from '../../../schemas/derive/rename-keys.ts';
import type { Table } from '../../../schemas/table.ts';
import { awsServers } from '../../helpers/aws-servers.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { changeFile } from '../../helpers/duckdb-file.ts';
import { hashText } from '../../helpers/oracle/canonical.ts';
import { compareTables } from '../../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../../helpers/oracle/read-warehouse.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const FIRST = 'the first key of this test, long enough';
const SECOND = 'the second key of this test, long enough';

/** A data directory that was run once, and commands on it. */
async function filled(key: string | undefined = FIRST) {
  const { simulators, env } = await demoVendors({ callsPerVendor: 15 });
  const data = join(await temporaryFolder(), 'data');
  const at = simulators.now().toISOString();
  const withKey = (hashKey?: string) => ({ env: { ...env, ...(hashKey && { CALLHOUSE_HASH_KEY: hashKey }) } });
  const act = (command: string, hashKey?: string, ...args: string[]) =>
    callhouseHere([command, '--data-dir', data, '--json', ...args], withKey(hashKey));
  const run = (hashKey?: string) => act('run', hashKey, '--at', at);
  const rotate = (hashKey?: string) => act('rotate-hash-key', hashKey);
  expect(await run(key)).toMatchObject({ code: 0 });
  return { simulators, data, warehouse: join(data, 'warehouse.duckdb'), act, run, rotate };
}

/** How the warehouse differs from what it should hold with hashes of this key. Of calls that opted out, no number is stored to hash. */
async function differences(simulators: Simulators, warehouse: string, hashKey: string) {
  const expected = expectedTables(simulators, { hashKey, values: 'served' });
  for (const { safe, optedOut } of expected.get('zudu_calls')?.values() ?? [])
    if (optedOut) Object.assign(safe, { from_number_hash: null, to_number_hash: null, _caller_hash: null });
  return compareTables(expected, await readWarehouse(warehouse));
}

describe('another hash key', () => {
  test('is not made in a folder without a lake, which a mistyped path may be', async () => {
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const rotated = await callhouseHere(['rotate-hash-key', '--data-dir', folder]);
    expect(rotated).toMatchObject({ code: 2, stderr: expect.stringContaining('there is nothing in ') });
    expect([await readdir(folder), (await stat(folder)).mode & 0o777]).toEqual([[], 0o755]);
  });

  test('is refused until everything stored is hashed anew with it; a replay brings no earlier hash back', async () => {
    const { simulators, data, warehouse, run, rotate } = await filled();
    const anyHash =
      [...((await readWarehouse(warehouse)).get('solum_calls')?.safe.values() ?? [])]
        .map(({ values }) => String(values['patient_id_hash']))
        .find((hash) => /^[0-9a-f]{64}$/.test(hash)) ?? 'none';
    expect((await readFile(warehouse)).includes(anyHash)).toBe(true);
    const refused = await run(SECOND);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('CALLHOUSE_HASH_KEY is not the key ');
    expect(refused.stderr.trimEnd().endsWith(` ${ownCommand()} rotate-hash-key`)).toBe(true);
    const rotated = await rotate(SECOND);
    expect(rotated).toMatchObject({ code: 0 });
    const { files, rows, lost } = JSON.parse(rotated.stdout);
    expect({ files: files > 3, lost }).toEqual({ files: true, lost: { zudu_calls: expect.any(Number) } });
    expect(Object.keys(rows).sort()).toEqual(['kalem_calls', 'kismet_calls', 'solum_calls', 'zudu_calls']);
    expect(await differences(simulators, warehouse, SECOND)).toEqual([]);
    expect((await readFile(warehouse)).includes(anyHash)).toBe(false);
    expect((await readFile(join(data, 'bi', 'callhouse.duckdb'))).includes(anyHash)).toBe(false);
    expect(await run(SECOND)).toMatchObject({ code: 0 });
    expect(await run(FIRST)).toMatchObject({ code: 2 });
    await rename(warehouse, `${warehouse}.old`);
    expect(await run(SECOND)).toMatchObject({ code: 0 });
    expect(await differences(simulators, warehouse, SECOND)).toEqual([]);
  });

  test('replaces the file hash.key: a lost or short one by a new one, at once', async () => {
    const { simulators, data, warehouse, run, rotate } = await filled('');
    const file = join(data, 'hash.key');
    const first = await readFile(file, 'utf8');
    expect(await rotate()).toMatchObject({ code: 0 });
    const second = (await readFile(file, 'utf8')).trim();
    expect(second).not.toBe(first.trim());
    expect(await differences(simulators, warehouse, second)).toEqual([]);
    await rm(file);
    const lost = await run();
    expect(lost).toMatchObject({ code: 2, stderr: expect.stringContaining('If it is lost, hash what is stored anew') });
    expect(await rotate()).toMatchObject({ code: 0 });
    const third = (await readFile(file, 'utf8')).trim();
    expect(await differences(simulators, warehouse, third)).toEqual([]);
    await writeFile(file, 'sixteen letters!');
    expect(await run()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has 16 characters; .*rotate-hash-key/),
    });
    expect(await rotate()).toMatchObject({ code: 0 });
    expect((await readFile(file, 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/);
    expect(await run()).toMatchObject({ code: 0 });
  });

  test('sets a hash to null, and counts it, if nothing is stored that it could be made from', async () => {
    const { data, warehouse, act, rotate } = await filled();
    await changeFile(warehouse, 'UPDATE callhouse_phi.zudu_calls SET from_number = NULL, to_number = NULL');
    const { lost } = JSON.parse((await rotate(SECOND)).stdout);
    expect(lost['zudu_calls']).toBeGreaterThan(20);
    const sql = 'select count(from_number_hash) + count(to_number_hash) + count(_caller_hash) as n from zudu_calls';
    const { stdout } = await callhouseHere(['query', sql, '--data-dir', data, '--format', 'json']);
    expect(JSON.parse(stdout)).toEqual([{ n: 0 }]);
    expect((await act('doctor', SECOND)).stdout).toContain('{"check":"hash key","ok":true}');
  });

  test('is finished after a kill, and until then no run hashes with either key', async () => {
    const { simulators, data, warehouse, run, rotate } = await filled();
    const mark = join(data, 'lake', 'keys', 'hash-key.json');
    await rotate(SECOND);
    await writeFile(mark, JSON.stringify({ ...JSON.parse(await readFile(mark, 'utf8')), isRotating: true }));
    for (const key of [FIRST, SECOND])
      expect(await run(key)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('has not finished; if none is in progress, continue it'),
      });
    expect(await rotate(SECOND)).toMatchObject({ code: 0 });
    expect(await run(SECOND)).toMatchObject({ code: 0 });
    expect(await differences(simulators, warehouse, SECOND)).toEqual([]);
  });

  test('of an earlier version, whose hashes had no kind, is asked to hash anew, with the same key', async () => {
    const { simulators, data, warehouse, run, rotate } = await filled();
    await rm(join(data, 'lake', 'keys'), { recursive: true });
    await changeFile(warehouse, "UPDATE callhouse.solum_calls SET customer_number_hash = 'old'");
    const refused = await run(FIRST);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('made by an earlier version') });
    expect(refused.stderr).toContain('keys/hash-key.json is missing in');
    expect(refused.stderr).toContain('restore it from a copy');
    expect(await rotate(FIRST)).toMatchObject({ code: 0 });
    expect(await differences(simulators, warehouse, FIRST)).toEqual([]);
    const again = await rotate(FIRST);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('set it to a new one') });
  });

  test('is refused while a run is in progress', async () => {
    const { data, rotate } = await filled();
    const store = fsStore(join(data, 'lake'));
    const { now } = Date;
    const { timer } = nodePorts;
    const lease = await takeLease('solum', 'default', {
      store,
      now,
      timer,
      random: Math.random,
      process: thisProcess(),
    });
    expect(await rotate(SECOND)).toMatchObject({ code: 2, stderr: expect.stringContaining('a run is in progress') });
    await lease.release();
    expect(await rotate(SECOND)).toMatchObject({ code: 0 });
  });
});

test('a key that can be guessed is refused before the first run, and its remedy is named', async () => {
  const data = join(await temporaryFolder(), 'data');
  const { env } = await demoVendors({ callsPerVendor: 2 });
  const given = { env: { ...envOf(env, 'kalem'), CALLHOUSE_HASH_KEY: 'k'.repeat(31) } };
  const { code, stderr } = await callhouseHere(['run', '--data-dir', data], given);
  expect(code).toBe(2);
  expect(stderr).toMatch(/CALLHOUSE_HASH_KEY has 31 characters; expected at least 32, .*rotate-hash-key\n$/);
});

/** The tables before and after solum_calls. */
function around(tables: readonly Table[]): readonly [readonly Table[], readonly Table[]] {
  const at = tables.findIndex(({ name }) => name === 'solum_calls');
  return [tables.slice(0, at), tables.slice(at + 1)];
}

test('on AWS, hashes what Athena returns, and merges it without a key or a value in a statement', async () => {
  const { athena, s3, secrets } = await awsServers();
  const setKey = (key: string) =>
    secrets.secrets.set('callhouse/dev/hash-key', JSON.stringify({ CALLHOUSE_HASH_KEY: key }));
  const cwd = await temporaryFolder();
  const rotate = () => callhouseHere(['rotate-hash-key', '--aws', '--json'], { cwd });
  const row = ['c1', '2026-11-20', '+15550001111', 'p1', 'old', 'old', 'old'];
  const columns = row.map((_, n) => [`c${n}`, 'varchar'] as const);
  setKey(SECOND);
  const months = { columns: [['month', 'varchar']] as const, rows: [['2026-11']] };
  // Of the tables with ids and words, only solum_calls has a key that does not show its text.
  const named = [`~${'a'.repeat(32)}`, ...Array<null>(7).fill(null), '{"$key":"Jane Doe"}'];
  const names = { columns: named.map((_, n) => [`c${n}`, 'varchar'] as const), rows: [named] };
  const renaming = Array(3).fill({ updateCount: 1 });
  const all = tablesOf(await listSources());
  const empty = (tables: typeof all) => tables.map(() => ({}));
  const [namesBefore, namesAfter] = around(all.filter((table) => namedColumns(table).length > 0));
  // The tables before it, such as kalem_calls and kismet_calls, have no rows.
  const [hashesBefore] = around(all.filter(({ columns: own }) => Object.values(own).some(({ hash }) => hash)));
  const hashing = [...empty(hashesBefore), months, { columns, rows: [row] }, { updateCount: 1 }];
  athena.scripts = [...empty(namesBefore), names, ...empty(namesAfter), ...renaming, ...hashing];
  const { code, stdout, stderr } = await rotate();
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.anything() });
  expect(JSON.parse(stdout)).toMatchObject({ rows: { solum_calls: 1 }, keys: { renamed: 1, unread: 0 } });
  const statements = athena.executions.map(({ sql }) => sql);
  expect(statements.filter((sql) => sql.startsWith('MERGE INTO "callhouse"."solum_calls"'))).toHaveLength(2);
  expect(statements.filter((sql) => sql.startsWith('MERGE INTO "callhouse_phi"."solum_calls"'))).toHaveLength(1);
  expect(statements.filter((sql) => sql.startsWith('MERGE INTO "callhouse"."call_versions"'))).toHaveLength(1);
  for (const secret of ['Jane Doe', SECOND, '+15550001111', 'p1', String(hashText(SECOND, 'phone', '+15550001111'))])
    expect(statements.join('\n')).not.toContain(secret);
  expect([...s3.objects.keys()].filter((key) => /staging|renamed/.test(key))).toEqual([]);
  expect(await rotate()).toMatchObject({ code: 2, stderr: expect.stringContaining('put-secret-value') });
  setKey('short');
  expect(await rotate()).toMatchObject({ code: 2, stderr: expect.stringContaining('has 5 characters') });
});
