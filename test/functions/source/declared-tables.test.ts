import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { declaredTables } from '../../../functions/source/stored-streams.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the tables of a folder are what its files of code export', async () => {
  const folder = await temporaryFolder();
  const table = (name: string) => `export const ${name} = { name: '${name}', columns: {} };\n`;
  const files = {
    'package.json': '{"type":"module"}',
    'a.js': `${table('one')}${table('two')}export const other = 7; export const odd = { name: 1, columns: {} };`,
    'b.js': 'throw new Error("cannot be loaded")',
    'c.mjs': table('three'),
    'd.js.map': table('four'),
    'e.d.ts': table('five'),
    'f.json': '{"six":{"name":"six","columns":{}}}',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const url = pathToFileURL(`${folder}/`);
  expect((await declaredTables(url)).map(({ name }) => name)).toEqual(['one', 'two']);
  expect(await declaredTables(new URL('none/', url))).toEqual([]);
});
