import { relative } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Quick test files first: the first failure kills the mutant, and slow files mostly need not begin. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => this.#milliseconds(a) - this.#milliseconds(b));
  }

  #milliseconds({ project, moduleId }: TestSpecification): number {
    const key = `${project.name}:${relative(this.ctx.config.root, moduleId)}`;
    return this.ctx.cache.getFileTestResults(key)?.duration ?? 0;
  }
}

/** Tests of the libraries' code only; what runs the built program or the deployment would not see a mutant. */
export default defineConfig({
  test: {
    include: ['test/functions/**/*.test.ts', 'test/schemas/**/*.test.ts'],
    // Random loads take a minute of DuckDB, for what load.test.ts shows in seconds; and esbuild resolves no path that a mutant has emptied.
    exclude: [...configDefaults.exclude, '**/load.property.test.ts', '**/bundles.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: 'test/helpers/own-tmp.ts',
    isolate: false,
    sequence: { sequencer: QuickestFirst },
  },
});
