import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@stryker-mutator/api/logging';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { byFile, fromStryker, type Mutant } from './mutant.ts';

/** What is mutated. A glob without a file is no error: folders come and go. */
export const MUTATED = [
  'functions/extract/**/*.ts',
  'functions/lake/**/*.ts',
  'functions/source/**/*.ts',
  'schemas/derive/**/*.ts',
];

/** The files of these globs that git knows or could know, sorted. */
export function filesOf(root: string, globs: readonly string[]): string[] {
  const args = [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    ...globs.map((glob) => `:(glob)${glob}`),
  ];
  const listed = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  return [...new Set(listed)].filter((file) => file.endsWith('.ts')).sort();
}

/** Every mutant of Stryker's default mutators in these files, disabled ones included. */
export async function findMutants(root: string, files: readonly string[]): Promise<Mutant[]> {
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const given = [...texts].map(([name, content]) => ({ name, content, mutate: true }));
  const { mutants } = await new Instrumenter(SILENT).instrument(given, OPTIONS);
  return mutants.map((mutant) => fromStryker(mutant, mutant.fileName, texts.get(mutant.fileName) ?? ''));
}

/**
 * Writes these mutants into the code of their files, each to be switched on by its id. Others that lie within their places get in too.
 * @returns what was placed, and the text by file
 */
export async function instrument(root: string, mutants: readonly Mutant[]) {
  const given = [...byFile(mutants, ({ file }) => file)].map(([name, own]) => ({
    name,
    content: readFileSync(join(root, name), 'utf8'),
    mutate: own.map(({ location }) => location),
  }));
  const { files, mutants: placed } = await new Instrumenter(SILENT).instrument(given, OPTIONS);
  return { placed, texts: Object.fromEntries(files.map(({ name, content }) => [name, content])) };
}

const OPTIONS = { plugins: null, excludedMutations: [], ignorers: [], noHeader: true };
const nothing = () => {};
const no = () => false;
const SILENT: Logger = {
  isTraceEnabled: no,
  isDebugEnabled: no,
  isInfoEnabled: no,
  isWarnEnabled: no,
  isErrorEnabled: no,
  isFatalEnabled: no,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: console.warn,
  error: console.error,
  fatal: console.error,
};
