import { expect, test } from 'vitest';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import { type Purge, purgeStaged } from '../../../functions/purge/purge-copies.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { readRows } from '../../helpers/read-parquet.ts';
import { unitStream, unitTable } from '../../helpers/session.ts';
import { stageRows } from '../../helpers/staging.ts';

const ID = { source: 'unit', account: 'default', stream: 'calls' };
const ROWS = [{ id: 'a' }, { id: 'b', _op: 'delete' }, { id: 'c' }, { id: 'd', _op: 'blank' }];

/** Purges one staged file of four rows, of which the given ones match. */
async function purge(ids: readonly string[], more: Partial<Purge> = {}) {
  const store = memoryStore();
  const file = await stageRows(store, unitTable, ID, { n: 1 }, ROWS);
  const before = store.objects.get(file.key);
  const purged = await purgeStaged(
    file,
    {
      ...{ id: ID, stream: { ...unitStream, tables: [unitTable] } },
      matches: [{ table: unitTable, columns: ['id'], values: new Set(ids) }],
      held: { keyPart: () => (text: string) => text },
      page: ({ body }) => body,
      rows: (_table, columns, found) => columns.map((values) => values.filter((_, row) => !found.has(row))),
      ...more,
    },
    { ...nodePorts, store, parquet: hyparquetWriter() },
  );
  const after = store.objects.get(file.key);
  return { purged, isWritten: after !== before, left: (await readRows(after ?? new Uint8Array())).map(({ id }) => id) };
}

test.each([
  [['b'], { rows: 3, deletes: 1 }, ['a', 'c', 'd']],
  [['a', 'c'], { rows: 2, deletes: 2 }, ['b', 'd']],
  [['b', 'd', 'other'], { rows: 2, deletes: 0 }, ['a', 'c']],
])('a staged file loses the rows %j, and the rest is counted', async (ids, counts, left) => {
  expect(await purge(ids)).toEqual({ purged: counts, isWritten: true, left });
});

test('a staged file without any of the rows is not written', async () => {
  const all = ['a', 'b', 'c', 'd'];
  expect(await purge(['other'])).toEqual({ purged: 'same', isWritten: false, left: all });
  expect(await purge(['a'], { rows: () => undefined })).toEqual({ purged: 'same', isWritten: false, left: all });
  expect(await purge(['a'], { matches: [] })).toEqual({ purged: 'same', isWritten: false, left: all });
});

test('a staged file of which no row would stay is left to the caller', async () => {
  const all = ['a', 'b', 'c', 'd'];
  expect(await purge(all)).toEqual({ purged: 'gone', isWritten: false, left: all });
});
