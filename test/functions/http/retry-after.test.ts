import { describe, expect, test } from 'vitest';
import { OutOfTimeError } from '../../../functions/errors.ts';
import { askOnce, first, OK } from '../../helpers/ask-client.ts';

describe('Retry-After', () => {
  const at = (ms: number) => new Date(Date.parse('2026-11-01T09:00:00Z') + ms).toUTCString();
  test.each([
    ['2', 2000],
    ['0.5', 500],
    [' 120 ', 120_000],
    [at(90_000), 90_000],
  ])('makes the client wait: %s', async (header, ms) => {
    const { value, waits } = await askOnce(first(1, { status: 429, headers: { 'retry-after': header }, body: '' }));
    expect(value).toEqual({ ok: true });
    expect(waits).toEqual([ms]);
  });

  test.each(['0', '-5', at(-60_000), 'soon', 'Never', '2 minutes', '1e9'])(
    'is ignored if it has no valid form or is past: %s',
    async (header) => {
      const { value, waits } = await askOnce(first(1, { status: 503, headers: { 'retry-after': header }, body: '' }));
      expect(value).toEqual({ ok: true });
      expect(waits.every((ms) => ms <= 500)).toBe(true);
    },
  );

  test.each(['86400', at(86_400_000)])(
    'ends the run if it asks for a day (%s); the next run continues',
    async (header) => {
      const { error, waits, requests } = await askOnce(() => ({
        status: 429,
        headers: { 'retry-after': header },
        body: '',
      }));
      expect(error).toBeInstanceOf(OutOfTimeError);
      expect(error).toMatchObject({ exitCode: 6, message: expect.stringContaining('asks to wait 86400 s') });
      expect({ waits, requests: requests.length }).toEqual({ waits: [], requests: 1 });
    },
  );

  test('ends the run if it asks for more seconds than a date can be from now', async () => {
    const headers = { 'retry-after': '99999999999999999' };
    const { error, requests } = await askOnce(() => ({ status: 429, headers, body: '' }));
    expect(error).toMatchObject({ exitCode: 6, message: expect.stringContaining('asks to wait') });
    expect(requests.length).toBe(1);
  });

  test('ends the run if it asks for more than the time left', async () => {
    const { error } = await askOnce(() => ({ status: 503, headers: { 'retry-after': '60' }, body: '' }), {
      remainingMs: () => 61_000,
      reserveMs: 2000,
    });
    expect(error).toBeInstanceOf(OutOfTimeError);
  });

  test('holds back concurrent requests too', async () => {
    const { once, ports } = await askOnce(
      ({ number }) => (number === 1 ? { status: 429, headers: { 'retry-after': '40' }, body: '' } : OK),
      { clock: { isFrozen: true } },
    );
    await once();
    ports.clock.waits.length = 0;
    await once();
    // The clock does not move, so this request is still within the pause that the first answer asked for.
    expect(Math.max(...ports.clock.waits)).toBeGreaterThanOrEqual(40_000);
  });
});

describe('X-RateLimit', () => {
  const limits = (headers: Record<string, string>) => async () => {
    const { once, ports } = await askOnce(({ number }) => (number === 0 ? { headers, body: '{}' } : OK));
    const before = ports.clock.ms;
    await once();
    return ports.clock.ms - before;
  };
  const nowSeconds = Date.parse('2026-11-01T09:00:00Z') / 1000;

  test.each([
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, 7000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowSeconds + 9) }, 9000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String((nowSeconds + 9) * 1000) }, 9000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '60' }, 1000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '86400' }, 300_000],
  ])('%j holds the next request back for %d ms', async (headers, ms) => {
    const waited = await limits(headers)();
    expect(Math.abs(waited - ms)).toBeLessThanOrEqual(2);
  });

  test.each([
    [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-limit': '60' }],
    [{ 'x-ratelimit-remaining': '' }],
    [{ 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '60' }],
    [{ 'x-ratelimit-remaining': '0' }],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '0' }],
    [{}],
  ])('%j holds no request back', async (headers) => {
    expect(await limits(headers)()).toBeLessThanOrEqual(2);
  });

  test('ends the run before the wait if the wait is longer than the time left', async () => {
    const { once, ports } = await askOnce(
      () => ({ headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '200' }, body: '{}' }),
      { remainingMs: () => 100_000, reserveMs: 10_000 },
    );
    const before = ports.clock.ms;
    await expect(once()).rejects.toThrow(OutOfTimeError);
    expect(ports.clock.ms).toBe(before);
  });
});
