import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError, SqlError, StorageError, WarehouseBusyError } from '../../functions/errors.ts';
import type { Engine } from '../../functions/ports.ts';
import { text } from '../../schemas/column.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import type { Table } from '../../schemas/table.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { sampleCalls } from '../helpers/sample-table.ts';
import { stageRows } from '../helpers/staging.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { type TestWarehouse, testWarehouse } from '../helpers/warehouse.ts';

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const SCOPE = {
  account: 'default',
  loadIds: ['load-calls-1'],
  days: ['2026-03-01'],
  partFrom: '2026-03-01',
  partTo: '2026-03-01',
};
/** Holds the file given as argument until its input ends. */
const HOLDER = `
  import('@duckdb/node-api').then(async ({ DuckDBInstance }) => {
    const instance = await DuckDBInstance.create(process.argv[1]);
    process.stdout.write('held');
    process.stdin.on('end', () => { instance.closeSync(); process.exit(); }).resume();
  });`;

function closing<E extends Engine>(engine: E): E {
  onTestFinished(() => engine.close());
  return engine;
}

async function freshWarehouse(): Promise<TestWarehouse> {
  return testWarehouse(await temporaryFolder());
}

async function filledWarehouse(): Promise<TestWarehouse> {
  const warehouse = await freshWarehouse();
  const engine = warehouse.open();
  await engine.prepare([sampleCalls]);
  const file = await stageRows(warehouse.store, sampleCalls, ID, { n: 1 }, [{ id: 'a', order: 1n, status: 'SECRET' }]);
  await engine.stage(sampleCalls, [file]);
  await engine.execute(mergeText(sampleCalls, 'safe', SCOPE));
  await engine.close();
  return warehouse;
}

async function holdFile(path: string) {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, path], { cwd: import.meta.dirname });
  onTestFinished(() => void holder.kill());
  await once(holder.stdout, 'data');
  return async () => {
    holder.stdin.end();
    await once(holder, 'exit');
  };
}

describe('duckdbEngine', () => {
  engineContract(async () => {
    const warehouse = await freshWarehouse();
    return { engine: closing(warehouse.open()), store: warehouse.store };
  });

  test('undoes a transaction that fails', async () => {
    const engine = closing((await freshWarehouse()).open());
    await engine.prepare([sampleCalls]);
    const failing = engine.atomically(async () => {
      await engine.execute("INSERT INTO callhouse.rejects VALUES ('l', 's', 'a', 't', 't', 'c', 'r', 1)");
      throw new RangeError('stop');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect((await engine.query('SELECT * FROM rejects')).rows).toEqual([]);
  });

  test('shows every table and view of callhouse in main, with its documentation', async () => {
    const engine = closing((await filledWarehouse()).open());
    expect((await engine.query('SELECT count(*) FROM calls')).rows).toEqual([[1]]);
    expect((await engine.query('SELECT status FROM sample_calls')).rows).toEqual([['SECRET']]);
    const { rows } = await engine.query(
      "SELECT schema_name, comment FROM duckdb_columns() WHERE column_name = 'score' AND comment IS NOT NULL ORDER BY 1",
    );
    expect(rows).toEqual(['callhouse', 'main'].map((schema) => [schema, 'Score. Unit: points.']));
  });

  test('is another warehouse once the file is gone', async () => {
    const warehouse = await filledWarehouse();
    const engine = warehouse.open();
    const before = await engine.identity();
    await engine.close();
    expect(await engine.identity()).toBe(before);
    await engine.close();
    await rm(warehouse.path);
    expect(await closing(engine).identity()).not.toBe(before);
  });

  test('writes nothing but its file, readable by its owner alone', async () => {
    const { path } = await filledWarehouse();
    expect((await readdir(join(path, '..'))).sort()).toEqual(['lake', 'warehouse.duckdb']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('adds a column that a later version declares, and reads files that lack it', async () => {
    const warehouse = await filledWarehouse();
    const wider: Table = {
      ...sampleCalls,
      columns: { ...sampleCalls.columns, later: text({ from: 'later', doc: 'Later.' }) },
    };
    const engine = closing(warehouse.open());
    await engine.prepare([wider]);
    const old = await stageRows(warehouse.store, sampleCalls, ID, { n: 2 }, [{ id: 'b', order: 1n }]);
    const young = await stageRows(warehouse.store, wider, ID, { n: 3 }, [{ id: 'c', order: 1n, later: 'x' }]);
    for (const files of [[old], [old, young]]) {
      await engine.stage(wider, files);
      const scope = { ...SCOPE, loadIds: ['load-calls-2', 'load-calls-3'] };
      expect((await engine.execute(mergeText(wider, 'safe', scope))).changed).toBe(1);
    }
    expect((await engine.query('SELECT id, later FROM sample_calls ORDER BY 1')).rows).toEqual([
      ['a', null],
      ['b', null],
      ['c', 'x'],
    ]);
  });

  test('takes account and day of a staged file from the end of its path', async () => {
    const warehouse = testWarehouse(join(await temporaryFolder(), 'acct=other', 'day=[x]*', "it's"));
    const engine = closing(warehouse.open());
    await engine.prepare([sampleCalls]);
    await engine.stage(sampleCalls, [
      await stageRows(warehouse.store, sampleCalls, ID, { n: 1 }, [{ id: 'a', order: 1n }]),
    ]);
    const { rows } = await engine.query('SELECT acct, day, account, id FROM callhouse_staging.sample_calls');
    expect(rows).toEqual([['default', '2026-03-01', 'default', 'a']]);
  });

  test('names a staged file that is damaged', async () => {
    const warehouse = await freshWarehouse();
    const engine = closing(warehouse.open());
    await engine.prepare([sampleCalls]);
    const good = await stageRows(warehouse.store, sampleCalls, ID, { n: 1 }, [{ id: 'a', order: 1n }]);
    const bad = await stageRows(warehouse.store, sampleCalls, ID, { n: 2 }, [{ id: 'b', order: 1n }]);
    const bytes = (await warehouse.store.get(bad.key)) ?? new Uint8Array();
    await warehouse.store.put(bad.key, bytes.fill(7, 4, 200), { replace: true });
    const work = async () => {
      await engine.stage(sampleCalls, [good, bad]);
      await engine.execute(mergeText(sampleCalls, 'phi', { ...SCOPE, loadIds: ['load-calls-1', 'load-calls-2'] }));
    };
    await expect(work()).rejects.toThrow(
      new StorageError(
        `staged file ${bad.key} cannot be read: it is missing or damaged; restore it from a backup, or replay its stream from the raw pages`,
      ),
    );
  });
});

describe('a warehouse file', () => {
  test('that another program holds is waited for', async () => {
    const warehouse = await filledWarehouse();
    const release = await holdFile(warehouse.path);
    const busy = closing(warehouse.open({ lockWaitMs: 300 })).identity();
    await expect(busy).rejects.toThrow(WarehouseBusyError);
    await expect(busy).rejects.toThrow(/held by another program \(process \d+\); staged, not loaded/);
    const waiting = closing(warehouse.open()).identity();
    await release();
    expect(await waiting).toMatch(/-/);
  });

  test('is not opened twice by one program', async () => {
    const warehouse = await filledWarehouse();
    await closing(warehouse.open()).identity();
    await expect(closing(warehouse.open({ lockWaitMs: 0 })).identity()).rejects.toThrow(WarehouseBusyError);
  });

  test.each([
    { says: 'is something else', damage: (bytes: Buffer) => bytes.fill('x') },
    { says: 'is cut short', damage: (bytes: Buffer) => bytes.subarray(0, bytes.length / 2) },
    { says: 'has bytes that changed', damage: (bytes: Buffer) => bytes.fill(7, 20_000) },
  ])('that $says is named, with the remedy', async ({ damage }) => {
    const { path, open } = await filledWarehouse();
    await writeFile(path, damage(await readFile(path)));
    const engine = closing(open());
    const reading = engine.prepare([sampleCalls]).then(() => engine.query('SELECT * FROM callhouse.sample_calls'));
    await expect(reading).rejects.toThrow(StorageError);
    await expect(reading).rejects.toThrow(`warehouse ${path} is damaged; move it away and run again`);
  });

  test('whose maker was killed before it held anything is made anew', async () => {
    const { path, open } = await freshWarehouse();
    await writeFile(path, '');
    expect(await closing(open()).identity()).toMatch(/-/);
  });

  test('is rewritten without overwritten values', async () => {
    const warehouse = await freshWarehouse();
    const engine = closing(warehouse.open());
    await engine.prepare([sampleCalls]);
    const rows = Array.from({ length: 50 }, (_, index) => ({
      id: `${index}`,
      order: 1n,
      notes: `${'x'.repeat(5000)}marker${index}`,
    }));
    const first = await stageRows(warehouse.store, sampleCalls, ID, { n: 1 }, rows);
    const scope = { ...SCOPE, loadIds: ['load-calls-1', 'load-calls-2'] };
    await engine.stage(sampleCalls, [first]);
    await engine.execute(mergeText(sampleCalls, 'phi', scope));
    await engine.close();
    expect((await readFile(warehouse.path)).includes('marker')).toBe(true);
    const second = await stageRows(
      warehouse.store,
      sampleCalls,
      ID,
      { n: 2 },
      rows.map(({ notes: _, ...key }) => ({ ...key, _op: 'blank' })),
    );
    await engine.stage(sampleCalls, [second]);
    await engine.execute(mergeText(sampleCalls, 'phi', scope));
    await warehouse.store.delete(first.key);
    const identity = await engine.identity();
    await engine.compact();
    expect((await readFile(warehouse.path)).includes('marker')).toBe(false);
    expect(await engine.identity()).toBe(identity);
    await engine.prepare([sampleCalls]);
    expect((await engine.query('SELECT count(*), count(notes) FROM callhouse_phi.sample_calls')).rows).toEqual([
      [50, 0],
    ]);
    expect((await engine.query('SELECT count(*) FROM calls')).rows).toEqual([[0]]);
    await engine.close();
    expect((await readdir(join(warehouse.path, '..'))).sort()).toEqual(['lake', 'warehouse.duckdb']);
  });
});

describe('a warehouse opened for reading', () => {
  const reader = async () => closing((await filledWarehouse()).open({ readOnly: true }));

  test('answers queries', async () => {
    expect((await (await reader()).query('SELECT status FROM calls')).rows).toEqual([['secret']]);
  });

  test('that is not there is a wrong setting', async () => {
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

  test('gives every kind of value in a form that loses nothing', async () => {
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
