import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { spillFolderBeside } from '../../../local/warehouse/open-duckdb.ts';
import { id } from '../../../schemas/column.ts';
import { mergeText } from '../../../schemas/derive/merge.ts';
import type { Table } from '../../../schemas/table.ts';
import { engineContract } from '../../contracts/engine.contract.ts';
import { closing, FIRST_LOAD, filledWarehouse, freshWarehouse, SAMPLE } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { stageRows } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { testWarehouse } from '../../helpers/warehouse.ts';

describe('duckdbEngine', () => {
  engineContract(async () => {
    const warehouse = await freshWarehouse();
    return { engine: closing(warehouse.open()), store: warehouse.store };
  });

  test('rolls back a transaction that fails', async () => {
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

  test('gets a new identity if the file is deleted', async () => {
    const warehouse = await filledWarehouse();
    const engine = warehouse.open();
    const before = await engine.identity();
    await engine.close();
    expect(await engine.identity()).toBe(before);
    await engine.close();
    await rm(warehouse.path);
    expect(await closing(engine).identity()).not.toBe(before);
  });

  test('writes only its own file, readable for its owner alone', async () => {
    const { path } = await filledWarehouse();
    expect((await readdir(join(path, '..'))).sort()).toEqual(['lake', 'warehouse.duckdb']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('removes temporary files of a killed process', async () => {
    const { path, open } = await filledWarehouse();
    await mkdir(`${path}.tmp`);
    await writeFile(`${path}.tmp/duckdb_temp_storage_DEFAULT-0.tmp`, 'values');
    await writeFile(`${path}.compact`, 'values');
    await writeFile(`${path}.compact.wal`, 'values');
    // Of an export, or of a question that the published copy answers.
    const spilled = spillFolderBeside(path);
    await mkdir(spilled);
    await writeFile(join(spilled, 'duckdb_temp_storage_DEFAULT-0.tmp'), 'values');
    await closing(open()).identity();
    expect((await readdir(join(path, '..'))).filter((name) => /tmp|compact|~/.test(name))).toEqual([]);
  });

  test('adds a column that a later version declares, and reads files that lack it', async () => {
    const warehouse = await filledWarehouse();
    const wider: Table = {
      ...sampleCalls,
      columns: { ...sampleCalls.columns, later: id({ path: 'later', doc: 'Later.' }) },
    };
    const engine = closing(warehouse.open());
    await engine.prepare([wider]);
    const old = await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 2 }, [{ id: 'b', order: 1n }]);
    const young = await stageRows(warehouse.store, wider, SAMPLE, { n: 3 }, [{ id: 'c', order: 1n, later: 'x' }]);
    for (const files of [[old], [old, young]]) {
      await engine.stage(wider, files);
      const scope = { ...FIRST_LOAD, loadIds: ['load-calls-2', 'load-calls-3'] };
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
      await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 1 }, [{ id: 'a', order: 1n }]),
    ]);
    const { rows } = await engine.query('SELECT acct, day, account, id FROM callhouse_staging.sample_calls');
    expect(rows).toEqual([['default', '2026-03-01', 'default', 'a']]);
  });

  test('names a staged file that is damaged', async () => {
    const warehouse = await freshWarehouse();
    const engine = closing(warehouse.open());
    await engine.prepare([sampleCalls]);
    const good = await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 1 }, [{ id: 'a', order: 1n }]);
    const bad = await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 2 }, [{ id: 'b', order: 1n }]);
    const bytes = (await warehouse.store.get(bad.key)) ?? new Uint8Array();
    await warehouse.store.put(bad.key, bytes.fill(7, 4, 200), { replace: true });
    const work = async () => {
      await engine.stage(sampleCalls, [good, bad]);
      await engine.execute(mergeText(sampleCalls, 'phi', { ...FIRST_LOAD, loadIds: ['load-calls-1', 'load-calls-2'] }));
    };
    await expect(work()).rejects.toThrow(
      new StorageError(
        `staged file ${bad.key} cannot be read: it is missing or damaged; restore it from a backup, or have its stream read again (docs/operations.md)`,
      ),
    );
  });
});
