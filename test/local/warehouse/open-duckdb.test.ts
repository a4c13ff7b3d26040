import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError, SqlError, StorageError, WarehouseBusyError } from '../../../functions/errors.ts';
import { closing, filledWarehouse, freshWarehouse } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

/** Holds the file given as argument until its input ends. */
const HOLDER = `
  import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
    const instance = await DuckDBInstance.create(process.argv[1]);
    process.stdout.write('held');
    process.stdin.on('end', () => { instance.closeSync(); process.exit(); }).resume();
  });`;

async function holdFile(path: string) {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path], { cwd: import.meta.dirname });
  onTestFinished(() => void holder.kill());
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await once(holder, 'exit');
  };
}

describe('openDuckdb', () => {
  test('waits for another program that holds the file', async () => {
    const warehouse = await filledWarehouse();
    const release = await holdFile(warehouse.path);
    const busy = closing(warehouse.open({ lockWaitMs: 300 })).identity();
    await expect(busy).rejects.toThrow(WarehouseBusyError);
    await expect(busy).rejects.toThrow(/held by another program \(process \d+\); staged, not loaded/);
    const waiting = closing(warehouse.open()).identity();
    await release();
    expect(await waiting).toMatch(/-/);
  });

  test('does not open a file twice in one process', async () => {
    const warehouse = await filledWarehouse();
    await closing(warehouse.open()).identity();
    await expect(closing(warehouse.open({ lockWaitMs: 0 })).identity()).rejects.toThrow(WarehouseBusyError);
  });

  test.each([
    { says: 'is something else', damage: (bytes: Buffer) => bytes.fill('x') },
    { says: 'is cut short', damage: (bytes: Buffer) => bytes.subarray(0, bytes.length / 2) },
    { says: 'has bytes that changed', damage: (bytes: Buffer) => bytes.fill(7, 20_000) },
  ])('names the file and the remedy if the file $says', async ({ damage }) => {
    const { path, open } = await filledWarehouse();
    await writeFile(path, damage(await readFile(path)));
    const engine = closing(open());
    const reading = engine.prepare([sampleCalls]).then(() => engine.query('SELECT * FROM callhouse.sample_calls'));
    await expect(reading).rejects.toThrow(StorageError);
    await expect(reading).rejects.toThrow(`warehouse ${path} is damaged; move it away and run again`);
  });

  test('replaces a file that a killed process left without content', async () => {
    const { path, open } = await freshWarehouse();
    await writeFile(path, '');
    expect(await closing(open()).identity()).toMatch(/-/);
  });
});

describe('a warehouse opened for reading', () => {
  const reader = async () => closing((await filledWarehouse()).open({ readOnly: true }));

  test('answers queries', async () => {
    expect((await (await reader()).query('SELECT status FROM calls')).rows).toEqual([['secret']]);
  });

  test('a missing warehouse is a ConfigError', async () => {
    const { open } = await freshWarehouse();
    await expect(open({ readOnly: true }).query('SELECT 1')).rejects.toThrow(ConfigError);
  });

  test.each([
    'CREATE TABLE main.x (a INTEGER)',
    'DELETE FROM callhouse.sample_calls',
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "COPY (SELECT 1) TO '/tmp/callhouse-leak.csv'",
    "ATTACH '/tmp/callhouse-leak.duckdb'",
    'SET enable_external_access = true',
    "SET memory_limit = '9GB'",
    'INSTALL httpfs',
    'LOAD httpfs',
  ])('refuses %s', async (sql) => {
    await expect((await reader()).query(sql)).rejects.toThrow(SqlError);
  });

  test.each([
    'SELECT CAST(status AS bigint) FROM callhouse.sample_calls',
    'SELECT * FROM callhouse.sample_calls WHERE status = 5',
    "SELECT strptime(status, '%Y') FROM callhouse.sample_calls",
    'SELECT error(status) FROM callhouse.sample_calls',
  ])('quotes no value of the data when %s fails', async (sql) => {
    const failing = (await reader()).query(sql);
    await expect(failing).rejects.toThrow(SqlError);
    await expect(failing).rejects.not.toThrow(/SECRET/);
  });

  test('returns every type of value without loss', async () => {
    const { rows } = await (await reader()).query(
      `SELECT CAST(9007199254740993 AS bigint), sum(CAST(2 AS bigint)), CAST(1.5 AS decimal(18,6)), DATE '2024-02-29',
        TIMESTAMP '2024-01-01 00:00:00.123', [1.5e0, NULL], {'a': 9007199254740993}, INTERVAL '1' DAY, CAST('infinity' AS timestamp)`,
    );
    expect(rows).toEqual([
      [
        9007199254740993n,
        2,
        '1.500000',
        '2024-02-29',
        new Date('2024-01-01T00:00:00.123Z'),
        [1.5, null],
        { a: 9007199254740993n },
        '1 day',
        'infinity',
      ],
    ]);
  });
});
