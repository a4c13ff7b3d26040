import type { ServerResponse } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { backoffMs, LONGEST_WAIT_MS, mostTries } from '../../../functions/http/pacing.ts';
import { askOnce, OK } from '../../helpers/ask-client.ts';

const TRIES = [1, 2, 3, 4, 5, 6, 7];

describe('the back-off', () => {
  test('doubles from half a second to eight seconds at its longest', () => {
    expect(TRIES.map((tries) => backoffMs(tries, () => 1))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  test('is random below that, down to nothing', () => {
    expect(TRIES.map((tries) => backoffMs(tries, () => 0.5))).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
    expect(TRIES.map((tries) => backoffMs(tries, () => 0))).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test('draws one random number for each try', () => {
    const draws = [0.1, 0.2, 0.3];
    expect([1, 2, 3].map((tries) => backoffMs(tries, () => draws.shift() ?? Number.NaN))).toEqual([50, 200, 600]);
  });
});

describe('the number of tries', () => {
  test('is more than one at statuses that the source says pass by themselves', async () => {
    const answer = ({ number }: { readonly number: number }) => (number < 2 ? { status: 423, body: '{}' } : OK);
    expect((await askOnce(answer, { retry: [423] })).value).toEqual({ ok: true });
    expect((await askOnce(answer)).error).toBeInstanceOf(ContractError);
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'is five where nobody answers: %s',
    (code) => {
      expect(mostTries(code)).toBe(5);
    },
  );

  test.each([
    undefined,
    '',
    'ECONNRESET',
    'EAI_AGAIN',
    'EPIPE',
    'ECONNREFUSED_',
    '_ENOTFOUND',
    'no answer within 15 s',
  ])('is eight for every other failure: %s', (code) => {
    expect(mostTries(code)).toBe(8);
  });
});

test('a vendor may ask for five minutes of patience', () => {
  expect(LONGEST_WAIT_MS).toBe(5 * 60_000);
});

test('an answer that comes byte by byte is left after 60 s in all, and at once if the run is interrupted', async () => {
  const interrupt = new AbortController();
  let closed = 0;
  const drip = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const writing = setInterval(() => response.write(' '), 20);
    response.on('close', () => {
      clearInterval(writing);
      closed += 1;
    });
  };
  // A twentieth of each limit: 750 ms between two bytes, 3 s in all.
  const timer = (ms: number, fire: () => void) => {
    const running = setTimeout(fire, ms / 20);
    return () => clearTimeout(running);
  };
  const begin = performance.now();
  const answer = ({ number }: { readonly number: number }) => (number === 1 ? OK : drip);
  const { value, client, once } = await askOnce(answer, { timer, signal: interrupt.signal });
  expect(value).toEqual({ ok: true });
  expect(performance.now() - begin).toBeGreaterThan(2900);
  setTimeout(() => interrupt.abort(), 100);
  await expect(once()).rejects.toMatchObject({ exitCode: 130 });
  expect(client.requests()).toBe(3);
  await vi.waitFor(() => expect(closed).toBe(2));
});
