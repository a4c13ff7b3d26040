import { join } from 'node:path';
import {
  type RunnerTask,
  type RunnerTestCase,
  type RunnerTestFile,
  TestRunner,
  type TestRunnerConfig,
  vi,
} from 'vitest';
import { startTests } from 'vitest/internal/browser';

/** How a test file is to be run. */
export interface TestFileRun {
  /** Relative to the root. */
  readonly test: string;
  /** Numbers of the tests to be run; all if absent. */
  readonly only?: ReadonlySet<string>;
  readonly stopAtFirstFailure: boolean;
  /** How long a test may take, in milliseconds. */
  readonly limitOf?: (test: string) => number;
  readonly onPhase?: (phase: 'import' | 'hooks' | RunnerTestCase) => void;
}

/** What became of a test file. */
export interface TestFileResult {
  readonly file: RunnerTestFile;
  /** Number of the first test that failed, or the path of a file that failed outside its tests. */
  readonly failed?: string;
  readonly timedOut: boolean;
}

interface ModuleNode {
  readonly imports: ReadonlySet<string>;
  readonly importers: Set<string>;
  promise: unknown;
  exports: unknown;
  evaluated: boolean;
}

interface Internals {
  readonly moduleRunner: unknown;
  readonly _otel: unknown;
  readonly workerState: { filepath: string; evaluatedModules: { readonly idToModuleMap: Map<string, ModuleNode> } };
}

// Tests replace the global ones.
const { setTimeout, clearTimeout } = globalThis;

/** Runs test files within the process of an outer runner. Modules stay imported, except the test file itself. */
export class TestFiles {
  readonly #outer: Internals;
  readonly #config: TestRunnerConfig;
  readonly #root: string;

  constructor(outer: TestRunner, config: TestRunnerConfig, root: string) {
    this.#outer = outer as unknown as Internals;
    this.#config = config;
    this.#root = root;
  }

  async run(options: TestFileRun): Promise<TestFileResult> {
    const path = join(this.#root, options.test);
    const modules = this.#modules();
    forget(modules.get(path));
    this.#outer.workerState.filepath = path;
    const runner = new QuietRunner(this.#config, options);
    Object.defineProperty(runner, 'moduleRunner', { value: this.#outer.moduleRunner });
    runner.__setTraces(this.#outer._otel as never);
    options.onPhase?.('import');
    const [file] = await startTests([path], runner as never);
    vi.resetConfig();
    vi.restoreAllMocks();
    if (!file) throw new Error(`${options.test} is not run`);
    const failed = runner.failed ?? failureOutside(file);
    return { file, timedOut: runner.timedOut, ...(failed !== undefined && { failed }) };
  }

  /** The next run imports all of the project's modules anew. */
  forgetModules(): void {
    for (const [id, node] of this.#modules()) if (this.#isOurs(id)) forget(node);
  }

  /** Ids of the project's modules that this one imports, itself or through others. */
  importsOf(test: string): string[] {
    const modules = this.#modules();
    const found = new Set([join(this.#root, test)]);
    for (const id of found)
      for (const url of modules.get(id)?.imports ?? []) {
        const path = modules.has(url) ? url : join(this.#root, url);
        if (this.#isOurs(path)) found.add(path);
      }
    return [...found];
  }

  #modules(): Map<string, ModuleNode> {
    return this.#outer.workerState.evaluatedModules.idToModuleMap;
  }

  #isOurs(id: string): boolean {
    return id.startsWith(this.#root) && !id.includes('/node_modules/') && !id.includes('/scripts/mutants/');
  }
}

class QuietRunner extends TestRunner {
  failed: string | undefined;
  timedOut = false;
  readonly #options: TestFileRun;

  constructor(config: TestRunnerConfig, options: TestFileRun) {
    super(config as never);
    this.#options = options;
  }

  onBeforeRunFiles(files: RunnerTestFile[]): void {
    const { only, onPhase } = this.#options;
    if (only) for (const file of files) keepOnly(file, only);
    onPhase?.('hooks');
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    if (this.failed !== undefined && this.#options.stopAtFirstFailure) test.mode = 'skip';
    await super.onBeforeRunTask(test as never);
    if (test.mode === 'run' || test.mode === 'queued') this.#options.onPhase?.(test);
  }

  override onAfterRunTask(test: RunnerTestCase): void {
    if (test.result?.state === 'fail') this.failed ??= test.id;
    this.#options.onPhase?.('hooks');
    super.onAfterRunTask(test as never);
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const work = TestRunner.getTestFn(test as never);
    const limit = this.#options.limitOf?.(test.id);
    if (limit === undefined) return await work();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.timedOut = true;
        reject(new Error(`The test took longer than ${limit} ms.`));
      }, limit);
    });
    try {
      await Promise.race([work(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function keepOnly(task: RunnerTask, only: ReadonlySet<string>): boolean {
  const kept = 'tasks' in task ? task.tasks.map((child) => keepOnly(child, only)).includes(true) : only.has(task.id);
  if (!kept && task.mode !== 'todo') task.mode = 'skip';
  return kept;
}

function failureOutside(task: RunnerTask): string | undefined {
  if (task.type === 'test') return task.result?.state === 'fail' ? task.id : undefined;
  if ((task.result?.errors?.length ?? 0) > 0) return task.id;
  for (const child of task.tasks) {
    const failed = failureOutside(child);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

function forget(node: ModuleNode | undefined): void {
  if (!node) return;
  node.promise = undefined;
  node.exports = undefined;
  node.evaluated = false;
  node.importers.clear();
}
