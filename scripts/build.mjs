import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// Compiles the program into `dist/`: `npm run build`. The earlier program stays in place until the new one is complete, so that a
// scheduled run finds one at any time, and a type error in the file of one vendor stops nobody else's.
const made = 'dist.new';
const old = 'dist.old';
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const remove = (folder) => rmSync(folder, { recursive: true, force: true });

remove(made);
try {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', made], { stdio: 'inherit' });
} catch (error) {
  remove(made);
  if (typeof error?.status !== 'number') throw error;
  process.stderr.write('build: nothing was built because of these errors; an earlier build stays as it was\n');
  process.exit(error.status);
}
chmodSync(join(made, 'local', 'cli.js'), 0o755);
remove(old);
try {
  renameSync('dist', old);
} catch (error) {
  if (error?.code !== 'ENOENT') throw error;
}
renameSync(made, 'dist');
remove(old);
