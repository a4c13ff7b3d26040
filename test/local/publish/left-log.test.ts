import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from '../../helpers/callhouse.ts';
import { filledDataDir } from '../../helpers/published.ts';

/** A program that opens a file for writing, changes it and is killed, so that DuckDB's log is left beside the file. */
const KILLED = `
  const { DuckDBInstance } = require(process.argv[1]);
  DuckDBInstance.create(process.argv[2]).then(async (instance) => {
    const connection = await instance.connect();
    await connection.run("UPDATE zudu_calls SET agent_id = 'mine'");
    process.kill(process.pid, 'SIGKILL');
  });`;

const MINE = "SELECT count(*) FILTER (agent_id = 'mine') AS mine FROM zudu_calls";

test('the log that a killed program has left beside a copy is applied to no copy', async () => {
  const { act, copy, cwd } = await filledDataDir();
  const kill = async (file: string) => {
    await startProgram(process.execPath, ['-e', KILLED, join(process.cwd(), 'node_modules/@duckdb/node-api'), file], {})
      .ended;
    expect(existsSync(`${file}.wal`)).toBe(true);
  };
  await kill(copy);
  expect(await act('query', MINE, '--format', 'csv')).toMatchObject({ code: 0, stdout: 'mine\n0\n' });
  expect(existsSync(`${copy}.wal`)).toBe(false);
  for (const flags of [[], ['--phi']]) {
    const file = join(cwd, 'calls.duckdb');
    expect((await act('export', file, ...flags)).code).toBe(0);
    if (flags.length === 0) await kill(file);
    expect(existsSync(`${file}.wal`)).toBe(flags.length === 0);
  }
});
