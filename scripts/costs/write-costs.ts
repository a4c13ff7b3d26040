// `npm run costs [-- --check]`: counts statements and requests, and writes what they cost into docs/aws.md.
import { readFile, writeFile } from 'node:fs/promises';
import { countedCosts, MARK } from './counted-costs.ts';

const FILE = new URL('../../docs/aws.md', import.meta.url);

const text = await countedCosts();
const written = await readFile(FILE, 'utf8');
const [before = '', old = '', after = ''] = written.split(MARK);
if (!process.argv.includes('--check')) await writeFile(FILE, `${before}${MARK}\n${text}\n${MARK}${after}`);
else if (old.trim() !== text) {
  console.error('the costs in docs/aws.md are not what the code costs; run npm run costs');
  process.exitCode = 1;
}
console.log(text);
