import { join, relative, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { readPlan } from './plan.ts';

const { root, texts } = readPlan();
const HERE = import.meta.dirname;

/** Runs only a file without tests; runner.ts tests the mutants before it, with the test files that the plan names. */
export default defineConfig({
  root,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      // The instrumented text instead of the file's.
      load: (id: string) => texts[relative(root, id)],
    },
  ],
  test: {
    dir: HERE,
    include: ['no.test.ts'],
    runner: join(HERE, 'runner.ts'),
    passWithNoTests: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: resolve(HERE, '../../test/helpers/own-tmp.ts'),
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    execArgv: ['--max-old-space-size=4096'],
    dangerouslyIgnoreUnhandledErrors: true,
    disableConsoleIntercept: true,
    // Vitest would report the one file without tests.
    reporters: [{}],
  },
});
