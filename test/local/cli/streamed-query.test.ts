import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openDuckdb } from '../../../local/warehouse/open-duckdb.ts';
import { callhouse, startCallhouse } from '../../helpers/callhouse.ts';
import { filledDataDir } from '../../helpers/published.ts';

const ROWS = 400_000;
const MANY = `select i, repeat('x', 50) as text from range(${ROWS}) r(i)`;
const SMALL_HEAP = { NODE_OPTIONS: '--max-old-space-size=80' };

test.each(['csv', 'json', 'table'])(
  'an answer of %s that is larger than the memory of Node has every row',
  async (format) => {
    const { data } = await filledDataDir();
    const query = ['query', MANY, '--format', format, '--data-dir', data];
    for (const flags of [[], ['--phi']]) {
      const { code, stdout, stderr } = await callhouse([...query, ...flags], { env: SMALL_HEAP });
      expect({ code, stderr, rows: stdout.split('xxxxxxxxxx').length > ROWS }).toEqual({
        code: 0,
        stderr: '',
        rows: true,
      });
      expect(stdout.trimEnd().split('\n').length - ROWS).toBe(format === 'csv' ? 1 : 2);
    }
  },
  120_000,
);

test('a statement that fails at a later row ends with 2, and an answer in JSON is not closed', async () => {
  const { act } = await filledDataDir();
  const late = `select cast(case when i = ${ROWS - 1} then 'secret' else '1' end as int) as n from range(${ROWS}) r(i)`;
  const { code, stdout, stderr } = await act('query', late, '--format', 'json');
  expect(code).toBe(2);
  expect(stderr).toContain('a value does not fit the expression');
  expect(stdout.trimEnd().endsWith(']')).toBe(false);
  expect(stdout + stderr).not.toContain('secret');
});

test.each([[[]], [['--phi']]])(
  'a reader that stops reading keeps no load waiting, and Ctrl-C ends the query %j',
  async (flags) => {
    const { data, warehouse } = await filledDataDir();
    const { child, ended } = await startCallhouse(['query', MANY, '--format', 'csv', '--data-dir', data, ...flags]);
    child.stdout?.pause();
    await sleep(5_000);
    const opened = await openDuckdb({ path: warehouse, lockWaitMs: 0, sleep: async () => {} });
    opened.close();
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    await sleep(500);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
  },
  60_000,
);
