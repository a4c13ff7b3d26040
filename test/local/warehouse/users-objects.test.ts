import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { StorageError } from '../../../functions/errors.ts';
import { bigint } from '../../../schemas/column.ts';
import { mergeText } from '../../../schemas/derive/merge.ts';
import type { Table } from '../../../schemas/table.ts';
import { closing, FIRST_LOAD, filledWarehouse, SAMPLE } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { stageRows } from '../../helpers/staging.ts';

/** The table of a later version, with one column more. */
const wider: Table = {
  ...sampleCalls,
  columns: { ...sampleCalls.columns, later: bigint({ path: 'later', doc: 'Later.' }) },
};

describe('what a user made in the warehouse', () => {
  test('indexes do not keep rows from changing, nor a later version from adding a column', async () => {
    const { store, open } = await filledWarehouse();
    const engine = closing(open());
    await engine.execute('CREATE INDEX by_status ON callhouse.sample_calls (status)');
    await engine.execute('CREATE UNIQUE INDEX by_key ON callhouse.sample_calls (account, id, "order")');
    for (const [n, table] of [sampleCalls, wider].entries()) {
      await engine.prepare([table]);
      const row = { id: 'a', order: 1n, status: `status ${n}`, values: [n, 0.5] };
      await engine.stage(table, [await stageRows(store, table, SAMPLE, { n: n + 2 }, [row])]);
      await engine.execute(mergeText(table, 'safe', { ...FIRST_LOAD, loadIds: [`load-calls-${n + 2}`] }));
      const { rows } = await engine.query(`SELECT status, "values" FROM callhouse.sample_calls`);
      expect(rows).toEqual([[`status ${n}`, [n, 0.5]]]);
    }
    expect((await engine.query("SELECT later FROM sample_calls WHERE id = 'a'")).rows).toEqual([[null]]);
  });

  test('schemas, tables and views stay, also if a later version prepares the file', async () => {
    const { open } = await filledWarehouse();
    const engine = closing(open());
    await engine.execute('CREATE SCHEMA own');
    await engine.execute('CREATE TABLE own.targets AS SELECT 7 AS target');
    await engine.execute('CREATE TABLE main.notes AS SELECT 8 AS note');
    await engine.execute('CREATE VIEW own.busy AS SELECT count(*) AS calls FROM callhouse.calls');
    await engine.prepare([wider]);
    const { rows } = await engine.query('SELECT target, note, calls FROM own.targets, notes, own.busy');
    expect(rows).toEqual([[7, 8, 1]]);
  });
});

test('a table of a user in place of one of our views in main stays, and the load goes on', async () => {
  const { open } = await filledWarehouse();
  const engine = closing(open());
  await engine.execute('DROP VIEW main.calls');
  await engine.execute('CREATE TABLE main.calls AS SELECT 7 AS own');
  await engine.prepare([sampleCalls]);
  await engine.prepare([wider]);
  expect((await engine.query('SELECT own FROM main.calls')).rows).toEqual([[7]]);
  expect((await engine.query('SELECT count(*) FROM callhouse.calls')).rows).toEqual([[1]]);
});

describe('the write-ahead log of a program that was killed', () => {
  /** A warehouse to which a program added a row, and then was killed. */
  async function killed() {
    const warehouse = await filledWarehouse();
    const instance = await DuckDBInstance.create(warehouse.path);
    const connection = await instance.connect();
    await connection.run('PRAGMA disable_checkpoint_on_shutdown');
    await connection.run("INSERT INTO callhouse.rejects VALUES ('l', 's', 'a', 't', 't', 'c', 'left', 1)");
    connection.closeSync();
    instance.closeSync();
    const log = `${warehouse.path}.wal`;
    expect((await stat(log)).size).toBeGreaterThan(0);
    return { ...warehouse, log };
  }

  test('is taken over', async () => {
    const engine = closing((await killed()).open());
    expect((await engine.query('SELECT reason FROM rejects')).rows).toEqual([['left']]);
  });

  test.each([
    { damaged: 'the log', halfOf: (log: string, _path: string) => log },
    { damaged: 'the file beside it', halfOf: (_log: string, path: string) => path },
  ])('is named if $damaged is damaged, and the remedy of the message works', async ({ halfOf }) => {
    const { log, path, open } = await killed();
    const body = await readFile(halfOf(log, path));
    await writeFile(halfOf(log, path), body.fill(0x5a, Math.min(body.length >> 1, 4096)));
    const engine = closing(open());
    await expect(engine.prepare([sampleCalls])).rejects.toThrow(
      new StorageError(
        `warehouse ${path} is damaged; move it away and run again: the next run rebuilds it from what is staged`,
      ),
    );
    await rename(path, `${path}.away`);
    await engine.prepare([sampleCalls]);
    expect((await engine.query('SELECT count(*) FROM callhouse.sample_calls')).rows).toEqual([[0]]);
  });
});
