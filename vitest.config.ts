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
    // No test leaves anything behind in a module; one load of them per worker saves a sixth of the time.
    isolate: false,
    coverage: { include: ['schemas/**', 'functions/**', 'local/**', 'infra/**'] },
  },
});
