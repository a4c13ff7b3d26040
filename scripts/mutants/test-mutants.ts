import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesOf, instrument } from './find-mutants.ts';
import { readJournal, wantedOf } from './journal.ts';
import { keyOf, type Mutant } from './mutant.ts';
import type { Plan, PlannedMutant, Task } from './plan.ts';

/** Tests of the code only; what runs the built program or the deployment would not see a mutant. */
export const TESTS = ['test/functions/**/*.test.ts', 'test/schemas/**/*.test.ts', 'test/sim/**/*.test.ts'];
/** They take a minute each for what others show in seconds; and esbuild reads the files instead of the mutants. */
const LEFT_OUT = ['/load.property.test.ts', '/kill.test.ts', '/long-values.test.ts', '/bundles.test.ts'];

/** How mutants are tested. */
export interface TestOptions {
  readonly root: string;
  /** Path of the journal, which gets each result immediately. */
  readonly journal: string;
  /** Globs of the test files. */
  readonly tests: readonly string[];
  /** How many processes test mutants. */
  readonly concurrency: number;
  /** How long the tests of one mutant may take, in milliseconds of the first run. */
  readonly patience: number;
}

/** Tests the mutants that the journal does not hold; what becomes of each is in the journal when it returns, and before if it is ended. */
export async function testMutants(mutants: readonly Mutant[], options: TestOptions): Promise<void> {
  const wanted = wantedOf(options.root, mutants);
  const known = readJournal(options.journal, wanted);
  if (known.size >= mutants.length) return;
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-mutants-'));
  try {
    const { planned, texts } = await planMutants(mutants, options.root);
    const left = planned.filter(({ key }) => !known.has(key));
    const coverage = options.journal.replace(/\.jsonl$/, '.coverage.jsonl');
    const base = { ...options, coverage, tests: testsOf(options, texts), texts };
    // Each process needs the coverage of all tests.
    await runAll(
      sharesOf(base.tests, options).map((tests) => ({ ...base, tests, mutants: [] })),
      folder,
    );
    await runAll(
      sharesOf(left, options).map((mutants) => ({ ...base, mutants })),
      folder,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sharesOf<T>(all: readonly T[], { concurrency }: TestOptions): T[][] {
  return Array.from({ length: concurrency }, (_, share) => all.filter((_, index) => index % concurrency === share));
}

async function runAll(plans: readonly Omit<Plan, 'task'>[], folder: string): Promise<void> {
  await Promise.all(plans.map((plan, n) => runUntilDone({ ...plan, task: join(folder, `${n}`) }, folder)));
}

function testsOf({ root, tests }: TestOptions, texts: Readonly<Record<string, string>>): Plan['tests'] {
  const code = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return filesOf(root, tests)
    .filter((test) => !LEFT_OUT.some((name) => test.endsWith(name)))
    .map((test) => {
      const text = readFileSync(join(root, test));
      return { test, hash: createHash('sha256').update(code).update(text).digest('hex').slice(0, 16) };
    });
}

async function planMutants(mutants: readonly Mutant[], root: string) {
  const hashes = new Map(wantedOf(root, mutants).map(({ key, hash }) => [key, hash]));
  const { placed, texts } = await instrument(root, mutants);
  const byKey = new Map(placed.map((mutant) => [keyOf(mutant, mutant.fileName), mutant.id]));
  const planned = mutants.map(({ key, file }): PlannedMutant => {
    const id = byKey.get(key);
    if (id === undefined) throw new Error(`${key} is not in the instrumented code`);
    return { id, key, hash: hashes.get(key) ?? '', file };
  });
  return { planned, texts };
}

/** Starts a process, and another one after it if it crashes or takes too long over a mutant. */
async function runUntilDone(plan: Plan, folder: string): Promise<void> {
  const path = `${plan.task}.plan.json`;
  let crashed: string | undefined;
  for (let left = plan; ; ) {
    await writeFile(path, JSON.stringify(left));
    await rm(plan.task, { force: true });
    const child = startVitest(plan.root, path, folder);
    const late = await watch(child, plan.task);
    const task = await taskOf(plan.task);
    if (task?.end === 'done') return;
    const name = task?.key ?? task?.test;
    const mutant = plan.mutants.find(({ key }) => key === task?.key);
    if (mutant && (late || crashed === name)) await appendFile(plan.journal, lineOf(mutant, task?.test));
    else if (name !== undefined && (late || crashed === name))
      left = { ...left, tests: left.tests.filter(({ test }) => test !== name) };
    else if (name === undefined && task?.end === undefined)
      throw new Error('The process that tests mutants does not start.');
    if (name !== undefined) console.log(`${late ? 'too late' : 'crashed'}: ${name} ${task?.test ?? ''}`);
    crashed = name;
  }
}

function startVitest(root: string, plan: string, folder: string): ChildProcess {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', join(import.meta.dirname, 'vitest.config.ts')];
  const env = { ...process.env, CALLHOUSE_MUTANTS_PLAN: plan, TMPDIR: folder, NODE_NO_WARNINGS: '1' };
  return spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Waits for the end of a process, and ends it if it takes too long. @returns whether it did */
async function watch(child: ChildProcess, task: string): Promise<boolean> {
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const stop = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
  process.once('exit', stop);
  try {
    for (let over = false; !over; ) {
      over = await Promise.race([ended.then(() => true), sleep(1000, false)]);
      const { deadline = Number.POSITIVE_INFINITY } = (await taskOf(task)) ?? {};
      if (over || Date.now() < deadline) continue;
      stop();
      await ended;
      return true;
    }
    return false;
  } finally {
    process.removeListener('exit', stop);
  }
}

async function taskOf(path: string): Promise<Task | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Task;
  } catch {
    return undefined;
  }
}

/** A mutant that makes the process crash or never end. */
function lineOf({ key, hash }: PlannedMutant, by: string | undefined): string {
  return `${JSON.stringify({ key, hash, status: 'Timeout', by })}\n`;
}
