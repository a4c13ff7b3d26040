import { PROJECT } from './cdk.ts';
import { runProgram } from './programs.ts';
import { expect } from './report.ts';
import type { RunState } from './run-state.ts';

const FILES = { same: 'test/engines/same-answers.test.ts', read: 'test/engines/read-columns.test.ts' };
const LONGEST_MS = 10 * 60_000;

/**
 * Every view, question, check and statement of the report, on DuckDB and on this run's Trino over the same rows; and what each question
 * reads from files.
 */
export async function compareAnswers({ report, engines }: Pick<RunState, 'report' | 'engines'>): Promise<void> {
  const env = { ...process.env, NO_COLOR: '1', CALLHOUSE_TRINO: `http://127.0.0.1:${engines.trinoPort}` };
  const run = async (file: string, least: number) => {
    const printed = await runProgram('npx', ['vitest', 'run', file], { env, cwd: PROJECT, timeoutMs: LONGEST_MS });
    const [, passed] = /Tests\s+(\d+) passed \(\d+\)/.exec(printed) ?? [];
    expect(Number(passed) >= least, printed.slice(-500));
    return passed;
  };
  await report.check('views, questions, checks and the report give the same rows on DuckDB and on Trino', async () => {
    return `${await run(FILES.same, 100)} comparisons over usual and extreme rows`;
  });
  await report.check('each question reads the columns that it names, and no others', async () => {
    return `${await run(FILES.read, 30)} questions, by their plans and the bytes that Trino read`;
  });
}
