import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findMutants } from '../../scripts/mutants/find-mutants.ts';
import { forgetMissed, readJournal, wantedOf } from '../../scripts/mutants/journal.ts';
import { applyMutant, type Mutant, type Status } from '../../scripts/mutants/mutant.ts';
import { pageText } from '../../scripts/mutants/page.ts';
import { scoreOf, writeReport } from '../../scripts/mutants/report.ts';
import { sampleMutants } from '../../scripts/mutants/sample.ts';
import { findTypeErrors } from '../../scripts/mutants/type-errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const FILE = 'functions/a.ts';
const TEXT = [
  'export function add(a: number, b: number): number {',
  '  return a + b;',
  '}',
  '// Stryker disable next-line StringLiteral: a label for people',
  "export const label = 'sum';",
  '// Stryker disable next-line StringLiteral',
  "export const other = 'other';",
  '',
].join('\n');

async function folderWith(text: string): Promise<string> {
  const root = await temporaryFolder();
  await mkdir(join(root, 'functions'));
  await writeFile(join(root, FILE), text);
  await writeFile(join(root, 'package.json'), '{"type":"module"}');
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2023', types: [] };
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  await symlink(resolve('node_modules'), join(root, 'node_modules'));
  return root;
}

function mutantOf(file: string, line: number): Mutant {
  const key = `${file}:${line}`;
  const location = { start: { line: line - 1, column: 0 }, end: { line: line - 1, column: 5 } };
  const place = { key, file, line, column: 1, location, start: 0, end: 0 };
  return { ...place, mutator: 'ArithmeticOperator', code: 'a + b', replacement: 'a - b' };
}

const tested = (statuses: readonly Status[]) =>
  statuses.map((status, line) => ({ mutant: mutantOf(FILE, line), status }));

describe('mutants', () => {
  test('each is found with its place, and applied there', async () => {
    const mutants = await findMutants(await folderWith(TEXT), [FILE]);
    const sum = mutants.find(({ mutator }) => mutator === 'ArithmeticOperator');
    expect(sum).toMatchObject({
      file: FILE,
      line: 2,
      column: 10,
      code: 'a + b',
      location: { start: { line: 1, column: 9 }, end: { line: 1, column: 14 } },
      replacement: 'a - b',
    });
    expect(applyMutant(TEXT, sum ?? mutantOf(FILE, 0))).toBe(TEXT.replace('a + b', 'a - b'));
  });

  test('one that a comment disables says why', async () => {
    const mutants = await findMutants(await folderWith(TEXT), [FILE]);
    const disabled = mutants.filter((mutant) => mutant.disabled !== undefined);
    expect(disabled.map(({ line, disabled: reason }) => [line, reason])).toEqual([
      [5, 'a label for people'],
      [7, 'Ignored using a comment'],
    ]);
  });

  test('those that TypeScript refuses are found, all others are not', async () => {
    const root = await folderWith(TEXT);
    const mutants = await findMutants(root, [FILE]);
    const refused = await findTypeErrors(root, mutants);
    const kinds = mutants.filter(({ key }) => refused.has(key)).map(({ mutator }) => mutator);
    expect(kinds).toEqual(['BlockStatement']);
  });

  test('type errors of an unchanged file stop the run', async () => {
    const root = await folderWith('export const a: number = "1" + 1;\n');
    const work = findTypeErrors(root, await findMutants(root, [FILE]));
    await expect(work).rejects.toThrow('functions/a.ts has type errors before any change');
  });
});

describe('a sample', () => {
  const mutants = [
    ...Array.from({ length: 900 }, (_, line) => mutantOf('functions/large.ts', line)),
    ...Array.from({ length: 90 }, (_, line) => mutantOf('functions/small.ts', line)),
    ...Array.from({ length: 10 }, (_, line) => mutantOf('functions/tiny.ts', line)),
  ];

  test('is spread over the files by their size', () => {
    const chosen = sampleMutants(mutants, 100, 1);
    const count = (name: string) => chosen.filter(({ file }) => file === `functions/${name}.ts`).length;
    expect(new Set(chosen).size).toBe(100);
    expect([count('large'), count('small'), count('tiny')].map((n) => Math.round(n / 10))).toEqual([9, 1, 0]);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(sampleMutants(mutants, 100, 7)).toEqual(sampleMutants(mutants, 100, 7));
    expect(sampleMutants(mutants, 100, 7)).not.toEqual(sampleMutants(mutants, 100, 8));
  });

  test('of more than there are is all of them', () => {
    expect(new Set(sampleMutants(mutants, 5000, 1))).toEqual(new Set(mutants));
  });
});

describe('the report', () => {
  test('counts killed and timed out of all that compile', () => {
    expect(scoreOf(tested(['Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError']))).toBe(0.5);
    expect(scoreOf(tested(['CompileError']))).toBe(1);
    expect(scoreOf(tested(['RuntimeError', 'Killed']))).toBe(0.5);
  });

  test('names each mutant that no test detects, and each that a comment disables', () => {
    const disabled = [{ ...mutantOf(FILE, 9), disabled: 'a label for people' }];
    const report = writeReport({
      title: 'All',
      found: 3,
      tested: tested(['Killed', 'Survived', 'NoCoverage']),
      disabled,
    });
    expect(report).toContain(`- ${FILE}:1:1 Survived ArithmeticOperator \`a - b\``);
    expect(report).toContain(`- ${FILE}:2:1 NoCoverage ArithmeticOperator \`a - b\``);
    expect(report).not.toContain(`- ${FILE}:0:1`);
    expect(report).toContain(`- ${FILE}:9 ArithmeticOperator: a label for people`);
  });
});

describe('the page of survivors', () => {
  const at = new Date('2026-11-27T05:00:00Z');
  const survivors = { title: 'Sample 2, seed 3', found: 9, tested: tested(['Killed', 'Survived']), disabled: [] };

  test('says when and how it was written, and the reason of each survivor', () => {
    const why = 'the same | for all that counts';
    const reasons = [{ file: FILE, code: 'a + b', by: 'a - b', why }];
    const page = pageText(survivors, { samples: [], reasons }, at);
    expect(page).not.toContain('Other samples');
    expect(page).toContain('on 2026-11-27: Sample 2, seed 3; 2 of 9 mutants.');
    expect(page).toContain('**50.00 %**');
    expect(page).toContain('- 1: the same | for all that counts\n');
    expect(page).toContain('| 1 | `a + b` | `a - b` | the same \\| for all that counts |');
  });

  test.each([
    { file: 'functions/b.ts', code: 'a + b', by: 'a - b' },
    { file: FILE, code: 'b + a', by: 'a - b' },
    { file: FILE, code: 'a + b', by: 'a * b' },
    { file: FILE, code: 'a + b', by: 'a - b', line: 2 },
  ])('gives no reason that belongs to another mutant: $file $code $by', (other) => {
    const page = pageText(survivors, { samples: [], reasons: [{ ...other, why: 'another' }] }, at);
    expect(page).toContain('| 1 | `a + b` | `a - b` | not tested yet |');
    expect(page).toContain('- 1: not tested yet\n');
  });
});

test('the page of survivors names earlier samples with their day', () => {
  const sample = { at: '2026-11-26', options: '--seed 7', mutants: 930, score: '87.10 %', note: 'not fresh' };
  const findings = { title: 'All', found: 0, tested: [], disabled: [] };
  const page = pageText(findings, { samples: [sample], reasons: [] }, new Date(0));
  expect(page).toContain('| 2026-11-26 | --seed 7 | 930 | 87.10 % | not fresh |');
});

describe('the journal', () => {
  test('gives back what is known of files that have not changed', async () => {
    const root = await folderWith(TEXT);
    const mutants = [mutantOf(FILE, 1), mutantOf(FILE, 2)];
    const wanted = wantedOf(root, mutants);
    const journal = join(root, 'journal.jsonl');
    const lines = wanted.map((one) => JSON.stringify({ ...one, status: 'Killed' }));
    await writeFile(journal, `${lines[0]}\n${lines[1]?.slice(0, 10)}`);
    expect([...readJournal(journal, wanted)]).toEqual([[`${FILE}:1`, 'Killed']]);
    await writeFile(join(root, FILE), `${TEXT}// changed\n`);
    expect(readJournal(journal, wantedOf(root, mutants)).size).toBe(0);
  });

  test('forgets those that no test detected', async () => {
    const journal = join(await temporaryFolder(), 'journal.jsonl');
    const lines = (['Killed', 'Survived', 'NoCoverage', 'Timeout'] as const).map((status) =>
      JSON.stringify({ status }),
    );
    await writeFile(journal, `${lines.join('\n')}\n`);
    await forgetMissed(journal);
    expect(await readFile(journal, 'utf8')).toBe(`${lines[0]}\n${lines[3]}\n`);
  });
});
