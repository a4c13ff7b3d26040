import { describe, expect, test } from 'vitest';
import { requestPacer } from '../../../functions/http/pacing.ts';
import { sleepUnlessAborted } from '../../../local/ports/local-ports.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

/** Takes as many tokens, and says how long it took, by a clock that only waiting moves. */
async function take(bucket: ReturnType<typeof requestPacer>, clock: { ms: number }, count: number): Promise<number> {
  const before = clock.ms;
  for (let n = 0; n < count; n += 1) await bucket.take();
  return clock.ms - before;
}

function start(rps: number) {
  const clock = { ms: 0 };
  const sleep = async (ms: number) => {
    clock.ms += ms;
  };
  return { clock, bucket: requestPacer(rps, { now: () => clock.ms, sleep }) };
}

describe('a request pacer', () => {
  test('spaces requests evenly, without a burst at the start', async () => {
    const { bucket, clock } = start(10);
    expect(await take(bucket, clock, 1)).toBe(0);
    expect(await take(bucket, clock, 10)).toBeCloseTo(1000);
  });

  test('halves its rate after a 429, at most once a second, and recovers with good answers', async () => {
    const { bucket, clock } = start(10);
    await bucket.take();
    for (let n = 0; n < 5; n += 1) bucket.halve();
    await bucket.take();
    expect(await take(bucket, clock, 10)).toBeCloseTo(2000);
    for (let n = 0; n < 40; n += 1) {
      clock.ms += 1000;
      bucket.halve();
    }
    await bucket.take();
    // Never slower than one in ten seconds.
    expect(await take(bucket, clock, 3)).toBeCloseTo(30_000);
    for (let n = 0; n < 300; n += 1) bucket.ease();
    await bucket.take();
    expect(await take(bucket, clock, 10)).toBeCloseTo(1000);
  });

  test('sends nothing during a pause, not even requests that were waiting before it', async () => {
    const { bucket, clock } = start(10);
    await bucket.take();
    const waiting = bucket.take();
    bucket.pause(5000);
    await waiting;
    expect(clock.ms).toBeGreaterThanOrEqual(5000);
    bucket.pause(3000);
    bucket.pause(1000);
    expect(bucket.waitMs()).toBe(3000);
    expect(await take(bucket, clock, 1)).toBe(3000);
  });

  test('meets a 429 at most once in twenty requests if the server allows twenty requests a second', async () => {
    const sims = await startSimulators({ callsPerVendor: 300, rateLimit: 20 });
    const real = { now: Date.now, sleep: sleepUnlessAborted };
    // Pages of two: more requests than one second takes. Kismet asks four lists at once.
    const run = (name: 'solum' | 'kismet', pageSize: number, streams: string[]) =>
      runSource(
        name,
        { at: sims.now(), url: sims.urls[name], maxRps: name === 'solum' ? 40 : 10, pageSize, streams },
        { ...makePorts({ env: sims.env }), ...real },
      );
    const results = await Promise.all([run('solum', 5, ['calls']), run('kismet', 20, ['organization_users', 'calls'])]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    for (const vendor of ['solum', 'kismet']) {
      const answers = sims.requests.filter((request) => request.vendor === vendor);
      expect(answers.length).toBeGreaterThan(15);
      const refused = answers.filter(({ status }) => status === 429).length / answers.length;
      // At the rate it starts at there are none; told to start at twice the server's, it gives way.
      expect(refused).toBeLessThanOrEqual(vendor === 'solum' ? 0.3 : 0.05);
    }
    await sims.close();
  });
});
