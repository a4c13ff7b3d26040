// `npm run mutants [-- --sample N --seed N --files GLOB --tests GLOB --out FILE --page FILE --patience SECONDS --resume --again]`: mutation testing.
// See CONTRIBUTING.md.
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { filesOf, findMutants, MUTATED } from './find-mutants.ts';
import { forgetMissed, readJournal, wantedOf } from './journal.ts';
import type { Mutant } from './mutant.ts';
import { writePage } from './page.ts';
import { disabledLines, scoreOf, writeReport } from './report.ts';
import { sampleMutants } from './sample.ts';
import { TESTS, testMutants } from './test-mutants.ts';
import { findTypeErrors } from './type-errors.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What Stryker says of a comment without a reason. */
const NO_REASON = 'Ignored using a comment';

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    files: { type: 'string', multiple: true, default: MUTATED },
    tests: { type: 'string', multiple: true, default: TESTS },
    out: { type: 'string', default: 'reports/mutants.md' },
    page: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
    patience: { type: 'string', default: '30' },
    resume: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const out = resolve(values.out);
  const journal = `${out}.jsonl`;
  await mkdir(dirname(out), { recursive: true });
  if (values.again) await forgetMissed(journal);
  else if (!values.resume) {
    await rm(journal, { force: true });
    await rm(`${out}.coverage.jsonl`, { force: true });
  }

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

  await testMutants(valid, {
    root: ROOT,
    journal,
    tests: values.tests,
    concurrency: wholeNumber('--concurrency', values.concurrency),
    patience: 1000 * wholeNumber('--patience', values.patience),
  });
  const statuses = readJournal(journal, wanted);
  const tested = chosen.flatMap((mutant) => {
    const status = typeErrors.has(mutant.key) ? 'CompileError' : statuses.get(mutant.key);
    return status === undefined ? [] : [{ mutant, status }];
  });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const how = `sample ${values.sample ?? 'none'}, seed ${values.seed}, patience ${values.patience}`;
  const title = `Commit ${commit}, ${how}, ${values.files.join(' ')}`;
  const findings = { title, found: enabled.length, tested, disabled };
  await writeFile(out, writeReport(findings));
  if (values.page !== undefined) await writeFile(values.page, await writePage(findings));
  console.log(`${(scoreOf(tested) * 100).toFixed(2)} % of the mutants are detected; ${out}`);
  return checkWhole(chosen.length - tested.length, disabled);
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
