import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCallhouse } from '../../helpers/callhouse.ts';
import { filledDataDir } from '../../helpers/published.ts';

/** It would take days. */
const ENDLESS = 'select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = 1';
const STARTED_MS = 3_000;

test('a query ends with 130 soon after Ctrl-C, or SIGTERM, so that it keeps no load waiting', async () => {
  const { data } = await filledDataDir();
  for (const [flags, signal] of [
    [[], 'SIGINT'],
    [['--phi'], 'SIGTERM'],
  ] as const) {
    const { child, ended } = await startCallhouse(['query', ...flags, ENDLESS, '--data-dir', data]);
    await sleep(STARTED_MS);
    child.kill(signal);
    const result = await Promise.race([ended, sleep(10_000)]);
    child.kill('SIGKILL');
    expect(result).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('interrupted') });
  }
});
