// Three plugins that Stryker's processes load: the checker lets through the mutants that the plan names, the test runner is that for
// Vitest, the reporter appends what became of each mutant to the journal. CALLHOUSE_MUTANTS_PLAN names the plan: { root, journal, wanted: [{ key, hash }] }.
import { appendFileSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { commonTokens, declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { TestStatus } from '@stryker-mutator/api/test-runner';
import { strykerPlugins as vitestPlugins } from '@stryker-mutator/vitest-runner';

const readPlan = () => JSON.parse(readFileSync(process.env.CALLHOUSE_MUTANTS_PLAN, 'utf8'));

/** As `keyOf` in mutant.ts, which plain Node cannot load. */
function keyOf({ fileName, location, mutatorName, replacement }, root, first) {
  const file = relative(root, fileName).split(sep).join('/');
  const [from, to] = [location.start, location.end].map(({ line, column }) => `${line - first}:${column - first}`);
  return `${file}:${from}-${to}:${mutatorName}:${replacement}`;
}

function planChecker() {
  const { root, wanted } = readPlan();
  const keys = new Set(wanted.map(({ key }) => key));
  const passed = { status: 'passed' };
  const refused = { status: 'compileError', reason: 'not in the plan' };
  return {
    init: async () => {},
    group: async (mutants) => [mutants.map(({ id }) => id)],
    check: async (mutants) =>
      Object.fromEntries(mutants.map((mutant) => [mutant.id, keys.has(keyOf(mutant, root, 0)) ? passed : refused])),
  };
}

function journalReporter() {
  const { root, wanted, journal } = readPlan();
  const hashes = new Map(wanted.map(({ key, hash }) => [key, hash]));
  const began = Date.now();
  let tested = 0;
  return {
    onMutantTested(result) {
      const key = keyOf(result, root, 1);
      const hash = hashes.get(key);
      if (hash === undefined) return;
      appendFileSync(journal, `${JSON.stringify({ key, hash, status: result.status })}\n`);
      tested += 1;
      if (tested % 25 > 0 && tested < hashes.size) return;
      const perMinute = Math.round((tested / (Date.now() - began)) * 60_000);
      console.log(`${tested} of ${hashes.size} tested, ${perMinute} a minute with the first run of the tests`);
    },
  };
}

/**
 * The test runner for Vitest, to which a test file that fails outside its tests fails too. Without this a mutant that throws when its
 * file is imported, or in a `beforeAll`, runs no test and counts as survived.
 */
function strictRunner(injector) {
  const runner = injector.injectFunction(vitestPlugins[0].factory);
  const run = runner.run.bind(runner);
  runner.run = async (options) => {
    const result = await run(options);
    const broken = runner.ctx.state.getFiles().filter(({ result: own }) => own?.errors?.length > 0);
    const failed = broken.map(({ filepath, result: own }) => ({
      id: filepath,
      name: filepath,
      timeSpentMs: 0,
      status: TestStatus.Failed,
      failureMessage: own.errors[0].message,
    }));
    return result.tests ? { ...result, tests: [...result.tests, ...failed] } : result;
  };
  return runner;
}
strictRunner.inject = [commonTokens.injector];

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, 'vitest-strict', strictRunner),
  declareFactoryPlugin(PluginKind.Checker, 'plan', planChecker),
  declareFactoryPlugin(PluginKind.Reporter, 'journal', journalReporter),
];
