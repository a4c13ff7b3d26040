import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCallhouse } from '../../helpers/callhouse.ts';
import { filledDataDir } from '../../helpers/published.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Sorts more than fits into the memory of a query, with a text of a call in each row. */
const HUGE =
  'SELECT count(DISTINCT x) FROM (SELECT concat(i, call_id, repeat(call_id, 8)) AS x FROM calls, range(4000000) AS t(i) ORDER BY md5(x))';

test('what does not fit into memory is written beside the file that is asked, not into the folder of the caller', async () => {
  const { data, copy } = await filledDataDir();
  const cwd = await temporaryFolder();
  const { child, ended } = await startCallhouse(['query', HUGE, '--data-dir', data], { cwd });
  const spilled = async () => (await readdir(join(copy, '..'))).filter((name) => name.startsWith('~'));
  let seen = false;
  while (child.exitCode === null && !seen) {
    await setTimeout(50);
    expect(existsSync(join(cwd, '.tmp'))).toBe(false);
    seen = (await spilled()).length > 0;
  }
  child.kill('SIGKILL');
  await ended;
  expect({ seen, cwd: await readdir(cwd) }).toEqual({ seen: true, cwd: [] });
}, 120_000);
