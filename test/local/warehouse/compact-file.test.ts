import { readdir, readFile, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mergeText } from '../../../schemas/derive/merge.ts';
import { closing, FIRST_LOAD, freshWarehouse, SAMPLE } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';
import { stageRows } from '../../helpers/staging.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('eraseFreedBlocks', () => {
  test('rewrites the file without overwritten values', async () => {
    const warehouse = await freshWarehouse();
    const engine = closing(warehouse.open());
    await engine.prepare([sampleCalls]);
    const rows = Array.from({ length: 50 }, (_, index) => ({
      id: `${index}`,
      order: 1n,
      notes: `${'x'.repeat(5000)}marker${index}`,
    }));
    const first = await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 1 }, rows);
    const scope = { ...FIRST_LOAD, loadIds: ['load-calls-1', 'load-calls-2'], removals: true };
    await engine.stage(sampleCalls, [first]);
    await engine.execute(mergeText(sampleCalls, 'phi', scope));
    await engine.close();
    expect((await readFile(warehouse.path)).includes('marker')).toBe(true);
    const second = await stageRows(
      warehouse.store,
      sampleCalls,
      SAMPLE,
      { n: 2 },
      rows.map(({ notes: _, ...key }) => ({ ...key, _op: 'blank' })),
    );
    await engine.stage(sampleCalls, [second]);
    await engine.execute(mergeText(sampleCalls, 'phi', scope));
    await warehouse.store.delete(first.key);
    const identity = await engine.identity();
    await engine.eraseFreedBlocks();
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

  test('rewrites the file that a symbolic link leads to, and keeps the link', async () => {
    const warehouse = await freshWarehouse();
    const elsewhere = join(await temporaryFolder(), 'big-disk.duckdb');
    await symlink(elsewhere, warehouse.path);
    const engine = closing(warehouse.open());
    await engine.query(`CREATE TABLE main.t AS SELECT repeat('marker', 5000) AS text`);
    await engine.close();
    expect((await readFile(elsewhere)).includes('marker')).toBe(true);
    await engine.query('UPDATE main.t SET text = NULL');
    await engine.eraseFreedBlocks();
    await engine.close();
    expect(await readlink(warehouse.path)).toBe(elsewhere);
    expect((await readFile(elsewhere)).includes('marker')).toBe(false);
    expect((await engine.query('SELECT count(*) FROM main.t')).rows).toEqual([[1]]);
    expect(await readdir(dirname(elsewhere))).toEqual(['big-disk.duckdb']);
  });
});
