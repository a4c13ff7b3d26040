// Breaks one guard of the product after the other, each in a copy, and expects the simulation to notice.
// `npm run sim:breaks [-- NAME…]`; the patches are in test/sim/breaks/.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_SEEDS = '2000';
const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
const folder = join(root, 'test/sim/breaks');
const wanted = process.argv.slice(2);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.patch'))
  .filter((name) => wanted.length === 0 || wanted.includes(name.replace('.patch', '')));

/** Scenarios of the corpus that hold as long as the guards do. */
const holding = readdirSync(join(root, 'test/sim/corpus'))
  .map((name) => join('test/sim/corpus', name))
  .filter((file) => JSON.parse(readFileSync(join(root, file), 'utf8')).expect === 'holds');

/** @returns how a program ended, and what it printed */
function run(program, args, options) {
  return new Promise((resolved) => {
    const child = execFile(
      program,
      args,
      { ...options, maxBuffer: Number.POSITIVE_INFINITY },
      (_error, stdout, stderr) => resolved({ status: child.exitCode, stdout, stderr }),
    );
  });
}

/** @returns what the simulation said of the product with this patch */
async function tryBreak(name) {
  // Below the project, so that packages are found; hidden from its git, so that the patch is applied to the copy.
  const copy = mkdtempSync(join(root, 'node_modules/.sim-break-'));
  try {
    for (const part of ['functions', 'schemas', 'test/sim', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    mkdirSync(join(copy, 'node_modules'));
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: join(root, 'node_modules') };
    const patched = await run('git', ['apply', join(folder, name)], { cwd: copy, env });
    if (patched.status !== 0) return `cannot be applied: ${patched.stderr.trim()}`;
    for (const file of holding) {
      const replay = ['test/sim/start.mjs', '--scenario', file];
      const { status, stdout } = await run(process.execPath, replay, { cwd: copy });
      if (status === 1) return `noticed by ${file}: ${stdout.split('\n', 1)[0]}`;
    }
    const args = ['test/sim/start.mjs', '--seeds', MOST_SEEDS, '--stop', '--no-shrink', '--jobs', '1'];
    const { status, stdout, stderr } = await run(process.execPath, args, { cwd: copy });
    const first = stdout.split('\n').find((line) => line.startsWith('  seed '));
    return status === 1 && first ? `noticed:${first}` : `NOT noticed in ${MOST_SEEDS} seeds ${stderr.trim()}`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

let failed = 0;
const waiting = [...names];
async function tryWaiting() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const said = await tryBreak(name);
    if (!said.startsWith('noticed')) failed += 1;
    process.stdout.write(`${name}: ${said}\n`);
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, tryWaiting));
process.exitCode = failed > 0 || names.length === 0 ? 1 : 0;
