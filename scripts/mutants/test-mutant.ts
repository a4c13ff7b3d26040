import { dirname } from 'node:path';
import type { Status } from './mutant.ts';
import type { FileCoverage, Plan, PlannedMutant, Task } from './plan.ts';
import type { TestFileResult, TestFiles } from './run-test-file.ts';
import type { MutantSwitch } from './switch.ts';

/** What the work on one mutant needs. */
export interface Drive {
  readonly plan: Plan;
  readonly files: TestFiles;
  readonly mutants: MutantSwitch;
  readonly coverage: readonly FileCoverage[];
  /** Says what is done now, and how long it may take; whoever started this process ends it if it takes longer. */
  begin(task: Omit<Task, 'deadline'>, limit: number): void;
}

/** What became of a mutant, and by which test file. */
export interface MutantResult {
  readonly status: Status;
  readonly by?: string;
  /** A test of it goes on in the background. */
  readonly timedOut?: true;
}

/** Tests of one file that are to be run. */
interface Round {
  readonly coverage: FileCoverage;
  readonly only: ReadonlySet<string>;
  readonly milliseconds: number;
  /** 0 for the tests of the mutant's file, 1 for those of its folder, 2 for all others. */
  readonly rank: number;
}

/**
 * Runs the tests that executed the place of a mutant until one fails: those of its file and folder, then others, quick files first. A test
 * that then fails without the mutant too counts for nothing. Where a module executes the place while it is imported, or keeps what it found, all modules are imported anew.
 */
export async function testMutant(drive: Drive, mutant: PlannedMutant): Promise<MutantResult> {
  const rounds = roundsOf(drive, mutant);
  const whileImporting = drive.coverage.some((file) => file.whileImporting.includes(mutant.id));
  if (rounds.length === 0 && !whileImporting) return { status: 'NoCoverage' };
  const first = await runRounds(drive, mutant, rounds);
  if (!whileImporting && (first.status !== 'Survived' || first.hits > 0)) return resultOf(first);
  drive.files.forgetModules();
  if (first.status !== 'Survived') return resultOf(first);
  const second = await runRounds(drive, mutant, whileImporting ? importRounds(drive, mutant) : rounds);
  drive.files.forgetModules();
  return resultOf(second);
}

interface Outcome extends MutantResult {
  readonly hits: number;
}

function resultOf({ status, by, timedOut }: Outcome): MutantResult {
  return { status, ...(by !== undefined && { by }), ...(timedOut && { timedOut }) };
}

async function runRounds(drive: Drive, mutant: PlannedMutant, all: readonly Round[]): Promise<Outcome> {
  let hits = 0;
  for (const round of affordable(all, drive.plan.patience)) {
    const result = await runRound(drive, mutant, round);
    hits += result.hits;
    const by = round.coverage.test;
    if (result.timedOut) return { status: 'Timeout', by, hits, timedOut: true };
    if (result.failed === undefined) continue;
    if (await passesWithout(drive, round, result.failed)) return { status: 'Killed', by, hits };
    // Perhaps what the mutant left in a module made the test fail. The result counts only if it passes with modules imported anew.
    drive.files.forgetModules();
    const again = await runRound(drive, mutant, round);
    if (again.timedOut) return { status: 'Timeout', by, hits, timedOut: true };
    drive.files.forgetModules();
    if (again.failed === undefined) continue;
    const passes = await passesWithout(drive, round, again.failed);
    drive.files.forgetModules();
    if (passes) return { status: 'Killed', by, hits };
  }
  return { status: 'Survived', hits };
}

async function runRound(
  drive: Drive,
  { id, key }: PlannedMutant,
  round: Round,
): Promise<TestFileResult & { hits: number }> {
  const { mutants } = drive;
  Object.assign(mutants, { active: id, hits: 0, limit: 100_000 + 100 * hitsOf(round.coverage, id) });
  try {
    const result = await runTests(drive, round, key);
    return { ...result, hits: mutants.hits };
  } finally {
    mutants.active = undefined;
  }
}

async function passesWithout(drive: Drive, round: Round, failed: string): Promise<boolean> {
  const only = round.coverage.tests[failed] ? new Set([failed]) : round.only;
  const result = await runTests(drive, { ...round, only }, undefined);
  return result.failed === undefined;
}

async function runTests(drive: Drive, { coverage, only, milliseconds }: Round, key: string | undefined) {
  const { test, tests } = coverage;
  drive.begin({ test, ...(key !== undefined && { key }) }, 60_000 + 10 * milliseconds);
  const limitOf = (id: string) => Math.min(60_000, 10_000 + 10 * (tests[id]?.milliseconds ?? 0));
  return await drive.files.run({ test, only, stopAtFirstFailure: true, limitOf });
}

function roundsOf(drive: Drive, { id, file }: PlannedMutant): Round[] {
  const rounds = drive.coverage.flatMap((coverage) => {
    const all = Object.entries(coverage.tests);
    const tests = id in coverage.shared ? all : all.filter(([, { hits }]) => id in hits);
    return roundOf(coverage, tests, file);
  });
  return rounds.sort(byRank);
}

/** All tests of the files that import the mutant's file. */
function importRounds(drive: Drive, { file }: PlannedMutant): Round[] {
  return drive.coverage
    .filter(({ imports }) => imports.includes(file))
    .flatMap((coverage) => roundOf(coverage, Object.entries(coverage.tests), file))
    .sort(byRank);
}

const byRank = (a: Round, b: Round) => a.rank - b.rank || a.milliseconds - b.milliseconds;

function roundOf(
  coverage: FileCoverage,
  tests: [string, { readonly milliseconds: number }][],
  mutated: string,
): Round[] {
  if (tests.length === 0 || coverage.failure !== undefined) return [];
  const own = `test/${mutated.replace(/\.ts$/, '')}.`;
  const rank = coverage.test.startsWith(own) ? 0 : dirname(coverage.test) === dirname(own) ? 1 : 2;
  const milliseconds = tests.reduce((sum, [, test]) => sum + test.milliseconds, 0);
  return [{ coverage, only: new Set(tests.map(([id]) => id)), milliseconds, rank }];
}

/** The tests of the mutant's folder have as much time as all others. */
function affordable(rounds: readonly Round[], patience: number): Round[] {
  const sums = { own: 0, others: 0 };
  return rounds.filter(({ milliseconds, rank }, index) => {
    const whose = rank < 2 ? 'own' : 'others';
    sums[whose] += milliseconds;
    return index === 0 || sums[whose] <= patience;
  });
}

function hitsOf({ shared, tests }: FileCoverage, id: string): number {
  return Object.values(tests).reduce((sum, { hits }) => sum + (hits[id] ?? 0), shared[id] ?? 0);
}
