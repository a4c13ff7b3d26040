import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'callhouse-cli');
const SOURCES = ['schemas', 'functions', 'local', 'tsconfig.json', 'tsconfig.build.json'];
const LOCK_MS = 60_000;
const run = promisify(execFile);

let built: Promise<string> | undefined;

/** Path of the built command; it is built once for each state of the sources. */
export function builtCli(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const folder = join(CACHE, String(await newest(SOURCES.map((name) => join(ROOT, name)))));
  const cli = join(folder, 'dist', 'local', 'cli.js');
  await mkdir(CACHE, { recursive: true });
  const lock = `${folder}.lock`;
  for (const until = Date.now() + LOCK_MS; Date.now() < until; await sleep(100)) {
    if (await isThere(cli)) return cli;
    // Test files run side by side: one builds, the others wait.
    if (await take(lock)) break;
  }
  try {
    const making = `${folder}.${process.pid}`;
    await compile(join(making, 'dist'));
    await copyFile(join(ROOT, 'package.json'), join(making, 'package.json'));
    for (const old of await readdir(CACHE)) {
      if (/^\d+$/.test(old)) await rm(join(CACHE, old), { recursive: true, force: true });
    }
    await rename(making, folder);
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
  return cli;
}

async function compile(outDir: string): Promise<void> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  // Another check judges the types, so the build ignores type errors.
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], { cwd: ROOT }).catch(
    () => undefined,
  );
}

async function take(lock: string): Promise<boolean> {
  return mkdir(lock).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Newest change below these paths, ms; a removed file changes its folder. */
async function newest(paths: readonly string[]): Promise<number> {
  let latest = 0;
  for (const path of paths) {
    const { mtimeMs } = await stat(path);
    latest = Math.max(latest, Math.ceil(mtimeMs));
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    const inside = entries.map(({ name }) => join(path, name));
    if (inside.length > 0) latest = Math.max(latest, await newest(inside));
  }
  return latest;
}
