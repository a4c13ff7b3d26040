import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyMutant, byFile, type Mutant } from './mutant.ts';

/** A mutant may leave a name unused or code unreached: that is no type error of its own. */
const COMPILER_OPTIONS = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
};

/**
 * Finds the mutants that TypeScript refuses: one run of tsc over a copy of its file for each mutant, beside the original.
 * An error that a mutant causes in another file is not seen; the tests decide about that one.
 * @returns their keys
 * @throws Error if an unchanged file has an error too
 */
export async function findTypeErrors(root: string, mutants: readonly Mutant[]): Promise<Set<string>> {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-mutants-types-'));
  try {
    for (const name of ['schemas', 'functions', 'local', 'package.json', 'tsconfig.json']) {
      await cp(join(root, name), join(folder, name), { recursive: true, force: true }).catch(ignoreMissing);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const include = ['**/*.mutant.ts'];
    const config = { extends: './tsconfig.json', compilerOptions: COMPILER_OPTIONS, include };
    await writeFile(join(folder, 'tsconfig.mutants.json'), JSON.stringify(config));
    const keys = await writeCopies(folder, mutants);
    const refused = filesWithErrors(folder, join(root, 'node_modules/typescript/bin/tsc'));
    return new Set([...refused].map((name) => keyFor(name, keys)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes `<name>.<n>.mutant.ts` for each mutant and `<name>.unchanged.mutant.ts` for each file. @returns key by file name */
async function writeCopies(folder: string, mutants: readonly Mutant[]): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const [file, own] of byFile(mutants, ({ file }) => file)) {
    const text = await readFile(join(folder, file), 'utf8');
    const stem = file.replace(/\.ts$/, '');
    await writeFile(join(folder, `${stem}.unchanged.mutant.ts`), text);
    for (const [index, mutant] of own.entries()) {
      const name = `${stem}.${index}.mutant.ts`;
      keys.set(name, mutant.key);
      await writeFile(join(folder, name), applyMutant(text, mutant));
    }
  }
  return keys;
}

function filesWithErrors(folder: string, tsc: string): Set<string> {
  const args = [tsc, '-p', 'tsconfig.mutants.json', '--noEmit', '--pretty', 'false'];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (error) throw error;
  const files = [...stdout.matchAll(/^(\S.*?\.mutant\.ts)\(\d+,\d+\): error TS/gm)].map((match) => match[1] ?? '');
  if (files.length === 0 && stdout.includes('error'))
    throw new Error(`tsc did not run: ${stdout.slice(0, 500)}${stderr}`);
  return new Set(files);
}

function keyFor(name: string, keys: ReadonlyMap<string, string>): string {
  const key = keys.get(name);
  if (key === undefined)
    throw new Error(
      `${name.replace('.unchanged.mutant', '')} has type errors before any change: run npm run typecheck`,
    );
  return key;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
