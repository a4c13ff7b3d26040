import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/helpers/own-tmp.ts',
    pool: 'forks',
    // The default leaves one processor of two idle.
    maxWorkers: '100%',
    // No test leaves anything behind in a module; one load of them per worker saves a sixth of the time. `npm run coverage` isolates the
    // files, because V8 loses counts of modules that many test files share.
    isolate: false,
    // V8 may discard the bytecode of a function that has not run for a while, and its coverage with it.
    execArgv: ['--no-flush-bytecode'],
    coverage: {
      include: ['schemas/**/*.ts', 'functions/**/*.ts', 'local/**/*.ts', 'infra/**/*.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      // `npm run coverage` fails below these; percent of lines per folder, of branches over all.
      thresholds: {
        branches: 85,
        'schemas/**': { lines: 98 },
        'functions/load/**': { lines: 98 },
        'functions/lake/**': { lines: 98 },
        'functions/**': { lines: 92 },
        'local/**': { lines: 85 },
        'infra/**': { lines: 85 },
      },
    },
  },
});
