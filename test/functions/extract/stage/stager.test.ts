import { describe, expect, test } from 'vitest';
import type { CompleteRow } from '../../../../functions/extract/changes/complete-row.ts';
import { newStager } from '../../../../functions/extract/stage/stager.ts';
import { hyparquetWriter } from '../../../../functions/parquet/hyparquet.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { columnIndex, layoutOf } from '../../../../schemas/layout.ts';
import type { Table } from '../../../../schemas/table.ts';
import type { Value } from '../../../../schemas/value.ts';
import { readByHyparquet } from '../../../helpers/read-parquet.ts';
import { unitTable } from '../../../helpers/session.ts';

const other: Table = { ...unitTable, name: 'unit_other' };
const WIDTH = layoutOf(unitTable).length;

/** A row of so many bytes: all that is not text counts eight. */
function row(id: string, more: Readonly<Record<string, Value>> = {}, table = unitTable): CompleteRow {
  const values = new Array<Value>(WIDTH).fill(null);
  const added = {
    _part_on: 20_000,
    _first_seen_at: 0,
    _changed_at: 0,
    _seq: 1n,
    _load_id: 'load',
    _op: 'upsert',
    _row: 1n,
  };
  const full = { id, account: 'n', ...added, ...more };
  for (const [name, value] of Object.entries(full)) values[columnIndex(table)(name)] = value;
  return { table, values };
}
/** Of `row('a')`: the texts `a`, `n`, `upsert` and `load`, and eight bytes for each other column. */
const ROW_BYTES = 1 + 1 + 6 + 4 + (WIDTH - 4) * 8;

function place(tuning: { groupBytes?: number; groupRows?: number } = {}) {
  const store = memoryStore();
  let load = 'load-1';
  const stager = newStager({
    store,
    parquet: hyparquetWriter(),
    account: 'north',
    day: '2026-11-01',
    name: () => load,
    tuning: { groupBytes: 1e9, groupRows: 1e9, ...tuning },
  });
  return {
    store,
    stager,
    nextLoad: (name: string) => {
      load = name;
    },
  };
}
const key = (part: string, load = 'load-1', table = 'unit_calls') =>
  `staging/${table}/acct=north/day=2026-11-01/${load}-${part}.parquet`;

describe('staged rows', () => {
  test('are written when they are flushed, with their counts and days', async () => {
    const { stager, store } = place();
    await stager.add([row('a', { _part_on: 19_999 }), row('b', { _op: 'delete', _part_on: 20_002 })]);
    await stager.add([row('c', { _op: 'blank', _part_on: 20_000 })]);
    expect([store.objects.size, stager.files()]).toEqual([0, 0]);
    expect(await stager.flush()).toEqual([
      {
        table: 'unit_calls',
        key: key('0001'),
        rows: 3,
        deletes: 2,
        partFrom: '2024-10-03',
        partTo: '2024-10-06',
      },
    ]);
    const columns = await readByHyparquet(unitTable, store.objects.get(key('0001')) ?? new Uint8Array());
    expect(columns[columnIndex(unitTable)('id')]).toEqual(['a', 'b', 'c']);
    expect(await stager.flush()).toEqual([]);
  });

  test.each([
    { rows: 1, files: 0 },
    { rows: 2, files: 1 },
    { rows: 3, files: 1 },
    { rows: 4, files: 2 },
  ])('are written in groups of two rows: $rows rows give $files files', async ({ rows, files }) => {
    const { stager } = place({ groupRows: 2 });
    await stager.add(Array.from({ length: rows }, (_, n) => row(`r${n}`)));
    expect(stager.files()).toBe(files);
    const written = await stager.flush();
    expect(written.map((file) => file.rows)).toEqual([2, 2, 2].slice(0, files).concat(rows % 2 ? [1] : []));
    expect(stager.files()).toBe(0);
  });

  test.each([
    { groupBytes: 2 * ROW_BYTES, files: 1 },
    { groupBytes: 2 * ROW_BYTES + 1, files: 0 },
  ])('are written once they have $groupBytes bytes', async ({ groupBytes, files }) => {
    const { stager } = place({ groupBytes });
    await stager.add([row('a'), row('b')]);
    expect(stager.files()).toBe(files);
  });

  test('have separate groups and files for each table', async () => {
    const { stager } = place({ groupRows: 2 });
    await stager.add([row('a'), row('b', {}, other), row('c')]);
    expect(stager.files()).toBe(1);
    expect((await stager.flush()).map((file) => file.key)).toEqual([key('0001'), key('0002', 'load-1', 'unit_other')]);
  });

  test('are numbered from 1 in each commit, under its load id', async () => {
    const { stager, nextLoad } = place();
    await stager.add([row('a')]);
    await stager.flush();
    nextLoad('load-2');
    await stager.add([row('b')]);
    expect((await stager.flush()).map((file) => file.key)).toEqual([key('0001', 'load-2')]);
  });
});
