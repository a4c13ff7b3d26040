import { readFile, writeFile } from 'node:fs/promises';
import { dictionaryText } from '../schemas/derive/dictionary.ts';
import { viewsFor } from '../schemas/views/views.ts';
import { allTables } from './all-tables.ts';

const FILE = new URL('../docs/data-dictionary.md', import.meta.url);

const tables = await allTables();
const text = dictionaryText(tables, viewsFor(tables, { timeZone: 'UTC' }));

if (process.argv.includes('--check')) {
  const written = await readFile(FILE, 'utf8').catch(() => '');
  if (written !== text) {
    console.error('docs/data-dictionary.md is not what schemas/ says; run npm run docs');
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}
