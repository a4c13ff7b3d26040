import { describe, expect, test } from 'vitest';
import type { Ports, Store } from '../../../../functions/ports.ts';
import { countdown } from '../../../../functions/time.ts';
import { LONGEST_MS, limitRun } from '../../../../local/commands/run/limit-run.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { makePorts, sharedHttp } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { solumCalls, solumServer } from '../../../helpers/solum-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const env = { SOLUM_API_KEY: 'key' };
const AT = Date.parse('2026-11-01T09:00:00Z');

/** Limited ports, and their clock. */
function limited({ remainingMs = Number.POSITIVE_INFINITY, hasTimeLimit = false } = {}) {
  const ports = makePorts({ remainingMs: () => remainingMs });
  const hourLeftMs = hasTimeLimit ? undefined : countdown(LONGEST_MS, ports.now);
  const { remainingMs: left, outOfTime, onProgress } = limitRun(ports, hourLeftMs);
  const pass = (ms: number) => {
    ports.clock.ms += ms;
  };
  return { left, why: () => outOfTime?.(), progress: (isFirst: boolean) => onProgress?.(isFirst), pass };
}

describe('the limits of a run', () => {
  test('leave 15 minutes until the first commit, and after each', () => {
    const { left, progress, pass, why } = limited();
    expect(left()).toBe(15 * MINUTE);
    pass(10 * MINUTE);
    expect(left()).toBe(5 * MINUTE);
    progress(false);
    expect(left()).toBe(15 * MINUTE);
    pass(15 * MINUTE);
    expect(left()).toBe(0);
    expect(why()).toBe('nothing was committed for 15 minutes');
  });

  test('leave an hour, except while a stream is read for the first time', () => {
    const { left, progress, pass, why } = limited();
    progress(true);
    for (let n = 0; n < 12; n += 1) {
      pass(10 * MINUTE);
      progress(true);
    }
    expect(left()).toBe(15 * MINUTE);
    progress(false);
    expect(left()).toBe(-HOUR);
    expect(why()).toBe('the run has taken an hour (the setting timeLimit sets another limit)');
  });

  test.each([-HOUR, -1000 * HOUR])('do not grow if the clock is set back by %d ms', (jump) => {
    const { left, pass, progress } = limited();
    pass(10 * MINUTE);
    expect(left()).toBe(5 * MINUTE);
    pass(jump);
    expect(left()).toBe(5 * MINUTE);
    progress(false);
    pass(14 * MINUTE);
    expect(left()).toBe(MINUTE);
  });

  test('leave what the setting timeLimit leaves in place of the hour', () => {
    const { left, progress, pass, why } = limited({ remainingMs: 7 * MINUTE, hasTimeLimit: true });
    pass(2 * HOUR);
    progress(false);
    expect(left()).toBe(7 * MINUTE);
    expect(why()).toBe('the time of this run is used up');
  });
});

/** A run that begins so long before its time, and whose requests take so long each. */
async function run(store: Store, { begunMs = 0, requestMs = 0, hours = 0, isDown = false }) {
  const { url } = await solumServer(solumCalls(40), {
    bend: (page) => (isDown ? { status: 503, body: '{}' } : page),
  });
  const ports = makePorts({ store, env });
  const hourLeftMs = countdown(LONGEST_MS - begunMs, ports.now);
  const slow: Ports['fetch'] = (...args) => {
    ports.clock.ms += requestMs;
    return sharedHttp(...args);
  };
  const options = { at: new Date(AT + hours * HOUR), url, pageSize: 5, sweepEvery: '1d' };
  return runSource('solum', options, { ...ports, ...limitRun({ ...ports, fetch: slow }, hourLeftMs) });
}

describe('a run on this machine', () => {
  test('reads a list for the first time however long that takes, and is cut after an hour later on', async () => {
    const store = memoryStore();
    expect(await run(store, { requestMs: 10 * MINUTE })).toMatchObject({ exitCode: 0, streams: [{ records: 40 }] });
    // It may begin after that hour, too.
    expect(await run(memoryStore(), { begunMs: 2 * HOUR })).toMatchObject({ exitCode: 0, streams: [{ records: 40 }] });
    const cut = await run(store, { begunMs: 45 * MINUTE, requestMs: 5 * MINUTE, hours: 73 });
    expect(cut).toMatchObject({
      exitCode: 6,
      streams: [
        {
          status: 'partial',
          error:
            'solum.calls: about 25 of 40 records of a list are left: the run has taken an hour ' +
            '(the setting timeLimit sets another limit); the next run continues',
        },
      ],
    });
    expect(await run(store, { hours: 74 })).toMatchObject({ exitCode: 0 });
  });

  test('is cut if a vendor keeps it from committing anything for 15 minutes, also during a first load', async () => {
    expect(await run(memoryStore(), { requestMs: 5 * MINUTE, isDown: true })).toMatchObject({
      exitCode: 6,
      streams: [{ status: 'partial', error: expect.stringContaining(': nothing was committed for 15 minutes; ') }],
    });
  });
});
