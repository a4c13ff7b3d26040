import * as zlib from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { StateError } from '../../../functions/errors.ts';
import { columnsOfRows, readStaged } from '../../../functions/lake/staged-files.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { layoutOf } from '../../../schemas/layout.ts';
import { makePorts } from '../../helpers/ports.ts';
import { unitTable } from '../../helpers/session.ts';

const KEY = 'staging/unit_calls/a.parquet';

test('rows become columns in the order of the table; what a row lacks is null', () => {
  const width = layoutOf(unitTable).length;
  const [first, second, third] = columnsOfRows([['a', 1], ['b']], unitTable);
  expect([first, second, third]).toEqual([
    ['a', 'b'],
    [1, null],
    [null, null],
  ]);
  expect(columnsOfRows([], unitTable)).toEqual(Array.from({ length: width }, () => []));
});

test('a staged file that is gone has no columns; a damaged one is an error with the remedy', async () => {
  const ports = makePorts({ store: memoryStore() });
  expect(await readStaged(KEY, ['id'], ports)).toBeUndefined();
  await ports.store.put(KEY, Buffer.from('x'));
  const read = readStaged(KEY, ['id'], ports, { source: 'unit' });
  await expect(read).rejects.toThrow(StateError);
  await expect(read).rejects.toThrow(`${KEY} in memory is damaged; restore it or remove it, then run this again`);
});

test('a file that needs zstd is not called damaged by a Node that lacks it', async () => {
  const file = parquetWriteBuffer({
    columnData: [{ name: 'id', data: ['a'], type: 'STRING' }],
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => bytes },
  });
  const ports = makePorts({ store: memoryStore() });
  await ports.store.put(KEY, new Uint8Array(file));
  await expect(readStaged(KEY, ['id'], ports)).rejects.toThrow(
    'zstdDecompressSync' in zlib
      ? `${KEY} in memory is damaged`
      : `${KEY} in memory is compressed with zstd, which this Node lacks; run this again with Node 22.15 or later`,
  );
});
