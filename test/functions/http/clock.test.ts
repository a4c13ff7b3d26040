import { describe, expect, test } from 'vitest';
import { requestPacer } from '../../../functions/http/pacing.ts';
import { oauth2 } from '../../../functions/source/auth.ts';
import { countdown, steadyClock } from '../../../functions/time.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { askOnce, OK } from '../../helpers/ask-client.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const HOUR = 3_600_000;
const JUMPS = [-2 * HOUR, -1, 2 * HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR];

test('a steady clock goes on from where it was if the machine’s clock is set back', () => {
  const seen: number[] = [];
  const times = [0, 5, 3, 4, 10, -100, -90];
  const clock = steadyClock(() => times[seen.length] ?? Number.NaN);
  while (seen.length < times.length) seen.push(clock());
  expect(seen).toEqual([0, 5, 5, 6, 12, 12, 22]);
});

test.each(JUMPS)('a countdown leaves no more time if the clock is set by %d ms', (jump) => {
  const clock = { ms: 0 };
  const left = countdown(HOUR, () => clock.ms);
  clock.ms += 1000;
  expect(left()).toBe(HOUR - 1000);
  clock.ms += jump;
  expect(left()).toBe(HOUR - 1000 - Math.max(0, jump));
  clock.ms += 1000;
  expect(left()).toBe(HOUR - 2000 - Math.max(0, jump));
});

describe('a clock that is set while a run waits', () => {
  test.each(JUMPS)('by %d ms holds no request back for longer than the rate says', async (jump) => {
    const clock = { ms: 0 };
    const waits: number[] = [];
    const pacer = requestPacer(10, { now: () => clock.ms, sleep: async (ms) => void waits.push(ms) });
    await pacer.take();
    clock.ms += jump;
    expect(pacer.waitMs()).toBeLessThanOrEqual(100);
    await pacer.take();
    pacer.pause(5000);
    clock.ms += jump;
    expect(pacer.waitMs()).toBeLessThanOrEqual(5000);
    await pacer.take();
    expect(Math.max(...waits, 0)).toBeLessThanOrEqual(5000);
  });

  test.each(JUMPS)(
    'by %d ms in the middle of a pause lets the request wait for one more pause at most',
    async (jump) => {
      const clock = { ms: 0 };
      const waits: number[] = [];
      const pacer = requestPacer(10, {
        now: () => clock.ms,
        sleep: async (ms) => {
          waits.push(ms);
          clock.ms += ms + (waits.length === 1 ? jump : 0);
        },
      });
      pacer.pause(5000);
      await pacer.take();
      expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
    },
  );
});

/** A vendor whose tokens end after an hour of its own, right clock. */
async function vendorOfTokens() {
  const vendor = { ms: 0, given: 0, valid: new Map<string, number>() };
  const auth = oauth2({ tokenUrl: '/oauth/token', client: ['ID', 'SECRET'] });
  const asked = await askOnce(
    ({ path, headers }: ScriptedRequest) => {
      if (path === '/oauth/token') {
        vendor.given += 1;
        const token = `t${vendor.given}`;
        vendor.valid.set(token, vendor.ms + HOUR);
        return { json: { access_token: token, token_type: 'bearer', expires_in: 3600 } };
      }
      const until = vendor.valid.get(headers.authorization?.replace('Bearer ', '') ?? '') ?? 0;
      return vendor.ms < until ? OK : { status: 401, body: '{}' };
    },
    { auth, readCredentials: async () => ({ ID: 'id', SECRET: 'secret' }) },
  );
  return { ...asked, vendor };
}

describe('a token of a vendor, while the machine’s clock is set', () => {
  test.each(JUMPS)('by %d ms, is renewed once an hour, and no request fails', async (jump) => {
    const { once, vendor, ports, error } = await vendorOfTokens();
    expect(error).toBeUndefined();
    ports.clock.ms += jump;
    for (let minutes = 0; minutes < 180; minutes += 10) {
      await expect(once()).resolves.toMatchObject({ value: { ok: true } });
      vendor.ms += HOUR / 6;
      ports.clock.ms += HOUR / 6;
    }
    // One at the beginning, one if the clock says that it has ended, and one for each further hour.
    expect(vendor.given).toBeLessThanOrEqual(5);
  });

  test('back each minute is renewed when the vendor refuses it', async () => {
    const { once, vendor, ports } = await vendorOfTokens();
    for (let minutes = 0; minutes < 180; minutes += 1) {
      await expect(once()).resolves.toMatchObject({ value: { ok: true } });
      vendor.ms += 60_000;
      ports.clock.ms -= 60_000;
    }
    expect(vendor.given).toBe(3);
  });
});

test('runs between which the clock is set back by a year request tokens of their own, and lose nothing', async () => {
  const calls = [1, 2, 3].map((n) => ({ id: `c${n}`, started_at: `2026-11-01T0${n}:00:00Z` }));
  const { url } = await scriptedServer(() => ({ json: { data: calls, pagination: { total: calls.length } } }));
  const store = memoryStore();
  const run = (ms: number) =>
    runSource(
      'solum',
      { at: new Date(ms), url, isScheduled: true },
      makePorts({ store, env: { SOLUM_API_KEY: 'k' }, clock: { ms } }),
    );
  const now = Date.parse('2026-11-01T09:00:00Z');
  for (const [hours, exitCode] of [
    [0, 0],
    [-365 * 24, 0],
    [1, 0],
  ] as const)
    expect(await run(now + hours * HOUR)).toMatchObject({ exitCode });
  calls.unshift({ id: 'c4', started_at: '2026-11-01T10:30:00Z' });
  expect(await run(now + 2 * HOUR)).toMatchObject({ exitCode: 0, streams: [{ changed: 1, deleted: 0 }] });
});
