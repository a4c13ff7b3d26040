import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { findWriter } from '../../../functions/parquet/find-writer.ts';
import { layoutOf } from '../../../schemas/layout.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

test('the packages of the second writer are loaded only by a write with it', async () => {
  const { cache } = createRequire(import.meta.url);
  const isLoaded = () => Object.keys(cache).some((path) => path.includes('/parquetjs-lite/'));
  const columns = layoutOf(sampleCalls).map(() => []);
  expect([findWriter('hyparquet').name, findWriter('parquetjs').name]).toEqual(['hyparquet', 'parquetjs']);
  await findWriter('hyparquet').write(sampleCalls, columns);
  expect(isLoaded()).toBe(false);
  await findWriter('parquetjs').write(sampleCalls, columns);
  expect(isLoaded()).toBe(true);
});
