import { execFileSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findMutants } from '../../scripts/mutants/find-mutants.ts';
import { TESTS, testMutants } from '../../scripts/mutants/test-mutants.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CODE = `
export const greeting = 'hello';
export const unread = 'not tested';

const known = new Map<number, number>();

export function double(n: number): number {
  const found = known.get(n) ?? n * 2;
  known.set(n, found);
  return found;
}

export function countTo(end: number): number[] {
  const numbers = [];
  for (let n = 0; n < end; n += 1) numbers.push(n);
  return numbers;
}

export function half(n: number): number {
  return n / 2;
}

export function isSmall(n: number): boolean {
  return n < 10;
}
`;

const A_TEST = `
import { expect, test } from 'vitest';
import { countTo, double, greeting, isSmall } from '../../functions/a.ts';
test('a constant of the module', () => expect(greeting).toBe('hello'));
test('a result that the module keeps', () => expect(double(4)).toBe(8));
test('the same result', () => expect(double(4)).toBe(8));
test('a loop', () => expect(countTo(2)).toEqual([0, 1]));
test('a condition far from its bound', () => expect([isSmall(1), isSmall(99)]).toEqual([true, false]));
`;

async function write(root: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), text);
}

test('a mutant is detected where a test fails with it and passes without it', { timeout: 120_000 }, async () => {
  const root = await temporaryFolder();
  await write(root, 'package.json', '{"type":"module"}');
  await write(root, '.gitignore', 'node_modules');
  await write(root, 'functions/a.ts', CODE);
  await write(root, 'test/functions/a.test.ts', A_TEST);
  await symlink(resolve('node_modules'), join(root, 'node_modules'));
  execFileSync('git', ['init', '-q'], { cwd: root });
  const mutants = await findMutants(root, ['functions/a.ts']);
  const journal = join(root, 'journal.jsonl');
  await testMutants(mutants, { root, journal, tests: TESTS, concurrency: 1, patience: 10_000 });

  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
  const found = lines.map((line) => JSON.parse(line) as { key: string; status: string });
  expect(found).toHaveLength(mutants.length);
  const statusOf = (line: number, replacement: string) =>
    found.find(({ key }) => key.startsWith(`functions/a.ts:${line - 1}:`) && key.endsWith(`:${replacement}`))?.status;
  expect({
    constant: statusOf(2, '""'),
    unread: statusOf(3, '""'),
    kept: statusOf(8, 'n / 2'),
    endless: statusOf(15, 'n -= 1'),
    beyond: statusOf(15, 'n <= end'),
    unused: statusOf(20, 'n * 2'),
    bound: statusOf(24, 'n <= 10'),
    condition: statusOf(24, 'true'),
  }).toEqual({
    constant: 'Killed',
    unread: 'Survived',
    kept: 'Killed',
    endless: 'Killed',
    beyond: 'Killed',
    unused: 'NoCoverage',
    bound: 'Survived',
    condition: 'Killed',
  });
});
