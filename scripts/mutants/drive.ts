import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { RunnerTask, RunnerTestCase, TestRunner, TestRunnerConfig } from 'vitest';
import type { Status } from './mutant.ts';
import { type FileCoverage, type PlannedMutant, readPlan, type Task, type TestCoverage } from './plan.ts';
import { TestFiles } from './run-test-file.ts';
import { installSwitch } from './switch.ts';
import { type Drive, testMutant } from './test-mutant.ts';

/** Runs each test file once without a mutant, then tests the mutants that the journal does not hold. */
export async function driveMutants(outer: TestRunner, config: TestRunnerConfig): Promise<void> {
  const plan = readPlan();
  const mutants = installSwitch();
  const files = new TestFiles(outer, config, plan.root);
  const begin = (task: Omit<Task, 'deadline'>, limit: number) =>
    writeFileSync(plan.task, JSON.stringify({ ...task, deadline: Date.now() + limit }));
  const hashes = new Map(plan.tests.map(({ test, hash }) => [test, hash]));
  const coverage = linesOf<FileCoverage>(plan.coverage).filter(({ test, hash }) => hashes.get(test) === hash);
  const drive: Drive = { plan, files, mutants, coverage, begin };
  const covered = new Set(coverage.map(({ test }) => test));
  for (const { test, hash } of plan.tests) {
    if (covered.has(test)) continue;
    begin({ test }, 300_000);
    const found = { ...(await coverTestFile(drive, test)), hash };
    coverage.push(found);
    appendFileSync(plan.coverage, `${JSON.stringify(found)}\n`);
  }
  const tested = new Set(linesOf<{ key: string; hash: string }>(plan.journal).map(({ key, hash }) => `${hash} ${key}`));
  const left = plan.mutants.filter(({ hash, key }) => !tested.has(`${hash} ${key}`));
  for (const [index, mutant] of left.entries()) {
    if (index % 25 === 0) console.log(`${left.length - index} mutants left`);
    await journalMutant(drive, mutant);
  }
  begin({ end: 'done' }, 60_000);
}

async function journalMutant(drive: Drive, mutant: PlannedMutant): Promise<void> {
  const began = process.cpuUsage();
  const { timedOut, ...result } = await testMutant(drive, mutant);
  const { user, system } = process.cpuUsage(began);
  const line: { key: string; hash: string; status: Status; seconds: number; by?: string } = {
    key: mutant.key,
    hash: mutant.hash,
    ...result,
    seconds: Math.round((user + system) / 10_000) / 100,
  };
  appendFileSync(drive.plan.journal, `${JSON.stringify(line)}\n`);
  if (!timedOut && process.memoryUsage().rss < 3e9) return;
  // The test goes on in the background; or modules that were imported anew have filled the memory.
  drive.begin({ end: 'again' }, 60_000);
  process.kill(process.pid, 'SIGKILL');
}

async function coverTestFile({ plan, files, mutants }: Drive, test: string): Promise<Omit<FileCoverage, 'hash'>> {
  const importing = new Map<string, number>();
  const shared = new Map<string, number>();
  const own = new Map<string, Map<string, number>>();
  const onPhase = (phase: 'import' | 'hooks' | RunnerTestCase) => {
    if (phase === 'import') mutants.counts = importing;
    else if (phase === 'hooks' || phase.concurrent) mutants.counts = shared;
    else {
      mutants.counts = new Map();
      own.set(phase.id, mutants.counts);
    }
  };
  const began = Date.now();
  const { file, failed } = await files.run({ test, stopAtFirstFailure: false, onPhase });
  mutants.counts = undefined;
  const tests: Record<string, TestCoverage> = {};
  for (const { id, mode, result } of testsOf(file)) {
    if (mode === 'skip' || mode === 'todo' || result?.state !== 'pass') continue;
    tests[id] = { milliseconds: Math.round(result.duration ?? 0), hits: Object.fromEntries(own.get(id) ?? []) };
  }
  if (failed !== undefined) console.log(`${test} fails without a mutant: ${failed}`);
  const imports = files.importsOf(test).map((id) => relative(plan.root, id));
  return {
    test,
    imports: imports.filter((name) => name in plan.texts),
    whileImporting: [...importing.keys()],
    shared: Object.fromEntries(shared),
    tests,
    milliseconds: Date.now() - began,
    ...(failed !== undefined && failed === file.id && { failure: failed }),
  };
}

function testsOf(task: RunnerTask): RunnerTestCase[] {
  return task.type === 'test' ? [task] : task.tasks.flatMap(testsOf);
}

function linesOf<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as T];
      } catch {
        return [];
      }
    });
}
