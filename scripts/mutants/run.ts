// `npm run mutants [-- --sample N --seed N --files GLOB --out FILE --resume]`: mutation testing with Stryker. See CONTRIBUTING.md.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { filesOf, findMutants, MUTATED } from './find-mutants.ts';
import { readJournal, wantedOf } from './journal.ts';
import type { Mutant } from './mutant.ts';
import { disabledLines, scoreOf, writeReport } from './report.ts';
import { sampleMutants } from './sample.ts';
import { findTypeErrors } from './type-errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What Stryker says of a comment without a reason. */
const NO_REASON = 'Ignored using a comment';

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', multiple: true, default: MUTATED },
    out: { type: 'string', default: 'reports/mutants.md' },
    concurrency: { type: 'string', default: '2' },
    resume: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const out = resolve(values.out);
  const journal = `${out}.jsonl`;
  await mkdir(dirname(out), { recursive: true });
  if (!values.resume) await rm(journal, { force: true });

  const all = await findMutants(ROOT, filesOf(ROOT, values.files));
  const disabled = all.filter((mutant) => mutant.disabled !== undefined);
  const enabled = all.filter((mutant) => mutant.disabled === undefined);
  for (const line of disabledLines(disabled)) console.log(`disabled ${line}`);
  const size = values.sample === undefined ? enabled.length : wholeNumber('--sample', values.sample);
  const chosen = sampleMutants(enabled, size, wholeNumber('--seed', values.seed));
  const typeErrors = await findTypeErrors(ROOT, chosen);
  const valid = chosen.filter(({ key }) => !typeErrors.has(key));
  const wanted = wantedOf(ROOT, valid);
  const known = readJournal(journal, wanted);
  console.log(
    `${chosen.length} of ${enabled.length} mutants, ${typeErrors.size} with type errors, ${known.size} tested before`,
  );

  await testMutants(
    valid.filter(({ key }) => !known.has(key)),
    journal,
  );
  const statuses = readJournal(journal, wanted);
  const tested = chosen.flatMap((mutant) => {
    const status = typeErrors.has(mutant.key) ? 'CompileError' : statuses.get(mutant.key);
    return status === undefined ? [] : [{ mutant, status }];
  });
  const title = `Sample ${values.sample ?? 'none'}, seed ${values.seed}, ${values.files.join(' ')}`;
  await writeFile(out, writeReport({ title, found: enabled.length, tested, disabled }));
  console.log(`${(scoreOf(tested) * 100).toFixed(2)} % of the mutants are detected; ${out}`);
  return checkWhole(chosen.length - tested.length, disabled);
}

/** Stryker tests these mutants; what becomes of each is in the journal when it returns, and before if it is ended. */
async function testMutants(mutants: readonly Mutant[], journal: string): Promise<void> {
  if (mutants.length === 0) return;
  const plan = join(tmpdir(), `callhouse-mutants-${process.pid}.json`);
  await writeFile(plan, JSON.stringify({ root: ROOT, journal, wanted: wantedOf(ROOT, mutants) }));
  process.env['CALLHOUSE_MUTANTS_PLAN'] = plan;
  try {
    await new Stryker({
      testRunner: 'vitest-strict',
      vitest: { configFile: 'scripts/mutants/vitest.config.ts', related: true },
      plugins: ['@stryker-mutator/vitest-runner', join(import.meta.dirname, 'stryker-plugin.mjs')],
      checkers: ['plan'],
      reporters: ['journal'],
      // It would read this file with an API that TypeScript 7 no longer has.
      tsconfigFile: 'tsconfig.none.json',
      // Places instead of files: each mutant in the code is counted in each test, and of fifteen thousand the counts need more than 4 GB.
      mutate: [...new Set(mutants.map(({ range }) => range))],
      testRunnerNodeArgs: ['--max-old-space-size=4096'],
      ignorePatterns: ['coverage', 'data', 'cdk.out', 'reports'],
      coverageAnalysis: 'perTest',
      concurrency: wholeNumber('--concurrency', values.concurrency),
      timeoutMS: 20_000,
      dryRunTimeoutMinutes: 30,
      tempDirName: join(tmpdir(), `callhouse-mutants-${process.pid}`),
      cleanTempDir: 'always',
      warnings: { unknownOptions: true, preprocessorErrors: true, unserializableOptions: true, slow: false },
      allowConsoleColors: false,
    }).runMutationTest();
  } finally {
    await rm(plan, { force: true });
  }
}

/** Each mutant that was asked for has a result, and each comment that disables one has a reason. @returns the exit code */
function checkWhole(missing: number, disabled: readonly Mutant[]): number {
  if (missing > 0) console.error(`${missing} mutants have no result: run it again with --resume`);
  const silent = disabled.filter((mutant) => mutant.disabled === NO_REASON);
  for (const { file, line } of silent)
    console.error(`${file}:${line}: write the reason, as "// Stryker disable ... : reason"`);
  return missing > 0 || silent.length > 0 ? 1 : 0;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${option} is ${JSON.stringify(text)}: expected a whole number`);
}

process.exitCode = await main();
