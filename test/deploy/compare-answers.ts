import { PROJECT } from './cdk.ts';
import { runProgram } from './programs.ts';
import { expect } from './report.ts';
import type { RunState } from './run-state.ts';

const FILE = 'test/engines/same-answers.test.ts';
const LONGEST_MS = 10 * 60_000;

/** Every view, question, check and statement of the report, on DuckDB and on this run's Trino over the same rows. */
export async function compareAnswers({ report, engines }: Pick<RunState, 'report' | 'engines'>): Promise<void> {
  await report.check('views, questions, checks and the report give the same rows on DuckDB and on Trino', async () => {
    const env = { ...process.env, NO_COLOR: '1', CALLHOUSE_TRINO: `http://127.0.0.1:${engines.trinoPort}` };
    const printed = await runProgram('npx', ['vitest', 'run', FILE], { env, cwd: PROJECT, timeoutMs: LONGEST_MS });
    const [, passed] = /Tests\s+(\d+) passed \(\d+\)/.exec(printed) ?? [];
    expect(Number(passed) > 100, printed.slice(-500));
    return `${passed} comparisons over usual and extreme rows`;
  });
}
