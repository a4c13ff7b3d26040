import { readFile, writeFile } from 'node:fs/promises';
import { listSources } from '../functions/source/registry.ts';
import { addToEnvironment, addToReadme } from './source-lines.ts';

// Names every source in README.md and .env.example; a part of `npm run pin`.
const sources = await listSources();
for (const [name, add] of [
  ['README.md', addToReadme],
  ['.env.example', addToEnvironment],
] as const) {
  const file = new URL(`../${name}`, import.meta.url);
  await writeFile(file, add(await readFile(file, 'utf8'), sources));
}
