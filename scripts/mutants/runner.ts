import { TestRunner, type TestRunnerConfig } from 'vitest';
import { driveMutants } from './drive.ts';

/** The runner that Vitest loads for the one file of vitest.config.ts: before that file it tests all mutants, in the same process. */
export default class MutantsRunner extends TestRunner {
  readonly #config: TestRunnerConfig;

  constructor(config: TestRunnerConfig) {
    super(config as never);
    this.#config = config;
  }

  async onBeforeCollect(): Promise<void> {
    await driveMutants(this, this.#config);
  }
}
