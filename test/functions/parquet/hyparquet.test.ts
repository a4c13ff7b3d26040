import { parquetMetadata } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import { parquetWriterContract } from '../../contracts/parquet-writer.contract.ts';
import { columnsOf, everyType } from '../../fixtures/every-type.ts';
import { openDuckdbReader, readByHyparquet, toArrayBuffer } from '../../helpers/read-parquet.ts';

describe('hyparquetWriter', () => {
  parquetWriterContract(hyparquetWriter(), { holdsInt64: true });

  test('is the writer for the setting hyparquet', () => {
    expect(findWriter('hyparquet').name).toBe('hyparquet');
  });

  test('marks timestamps as milliseconds without a zone', async () => {
    const { schema } = parquetMetadata(toArrayBuffer(await hyparquetWriter().write(everyType, columnsOf([{}]))));
    expect(schema.find(({ name }) => name === 'timestamp')).toMatchObject({
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
    });
  });

  test('writes a page index of the key, and engines find rows with it', { timeout: 30_000 }, async () => {
    const rows = Array.from({ length: 40_000 }, (_, index) => ({
      id: `a-common-beginning-of-30-bytes-${index + 100_000}`,
    }));
    const columns = columnsOf(rows);
    const file = await hyparquetWriter().write(everyType, columns);
    const { row_groups } = parquetMetadata(toArrayBuffer(file));
    const key = row_groups[0]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'id');
    expect(key?.column_index_length).toBeGreaterThan(0);
    expect(key?.offset_index_length).toBeGreaterThan(0);
    expect(await readByHyparquet(everyType, file)).toEqual(columns);
    expect(await (await openDuckdbReader())(everyType, file)).toEqual(columns);
  });
});
