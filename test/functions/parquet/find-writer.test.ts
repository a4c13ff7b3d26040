import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** In a process of its own, because other tests load these packages too. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  import { findWriter } from './functions/parquet/find-writer.ts';
  import { layoutOf } from './schemas/layout.ts';
  import { kalemCalls } from './schemas/tables/kalem.ts';

  const { cache } = createRequire(import.meta.url);
  const isLoaded = () => Object.keys(cache).some((path) => path.includes('/parquetjs-lite/'));
  const columns = layoutOf(kalemCalls).map(() => []);
  const seen = [findWriter('hyparquet').name, findWriter('parquetjs').name];
  await findWriter('hyparquet').write(kalemCalls, columns);
  seen.push(isLoaded());
  await findWriter('parquetjs').write(kalemCalls, columns);
  console.log(JSON.stringify([...seen, isLoaded()]));
`;

test('the packages of the second writer are loaded only by a write with it', { timeout: 30_000 }, () => {
  const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual(['hyparquet', 'parquetjs', false, true]);
});
