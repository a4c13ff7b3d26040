import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import { parquetjsWriter } from '../../../functions/parquet/parquetjs.ts';
import { parquetWriterContract } from '../../contracts/parquet-writer.contract.ts';
import { columnsOf, everyType } from '../../fixtures/every-type.ts';
import { toArrayBuffer } from '../../helpers/read-parquet.ts';

describe('parquetjsWriter', () => {
  parquetWriterContract(parquetjsWriter(), { holdsInt64: false });

  test('is the writer for the setting parquetjs', () => {
    expect(findWriter('parquetjs').name).toBe('parquetjs');
  });

  test('writes no page index, and no statistics of text columns', async () => {
    const rows = Array.from({ length: 9000 }, (_, index) => ({ id: `${index}`, bigint: BigInt(index) }));
    const file = toArrayBuffer(await parquetjsWriter().write(everyType, columnsOf(rows)));
    const columns = parquetMetadata(file).row_groups[0]?.columns ?? [];
    expect(columns.length).toBeGreaterThan(10);
    for (const column of columns) {
      expect(column.column_index_offset).toBeUndefined();
      expect(column.offset_index_offset).toBeUndefined();
      if (column.meta_data?.type === 'BYTE_ARRAY') expect(column.meta_data.statistics).toBeUndefined();
    }
  });
});
