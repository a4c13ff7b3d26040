import { describe, expect, test } from 'vitest';
import { CredentialsError } from '../../../functions/errors.ts';
import { headers } from '../../../functions/source/auth.ts';
import { askOnce, expectSilence, first, OK, SECRET } from '../../helpers/ask-client.ts';

describe('a refused credential', () => {
  const rotating = () => {
    let reads = 0;
    return { readCredentials: async () => ({ ZUDU_API_KEY: `${SECRET}-${++reads}` }), reads: () => reads };
  };

  test.each([401, 403])('(%d) is read once again, and the run continues with the new one', async (status) => {
    const secret = rotating();
    const { value, requests } = await askOnce(
      ({ headers }) => (headers['x-api-key'] === `${SECRET}-2` ? OK : { status, body: '{ "error": "Unauthorized", }' }),
      secret,
    );
    expect(value).toEqual({ ok: true });
    expect(requests).toHaveLength(2);
    expect(secret.reads()).toBe(2);
  });

  test.each([401, 403])(
    '(%d) ends the run with exit 2 if the new one is refused too, and shows no secret',
    async (status) => {
      const secret = rotating();
      const result = await askOnce(() => ({ status, body: '{ "error": "Unauthorized", }' }), secret);
      expect(result.error).toBeInstanceOf(CredentialsError);
      expect(result.error).toMatchObject({
        exitCode: 2,
        message:
          `zudu.calls: GET /calls/{id} answered ${status}: the vendor refused the credentials of account default ` +
          '(ZUDU_API_KEY, ZUDU_API_SECRET); ask the vendor whether they are valid and may read this, and store them again',
      });
      expect(result.requests).toHaveLength(2);
      expectSilence(result);
    },
  );

  test('is read only once again if several requests meet the refusal at the same time', async () => {
    const secret = rotating();
    let rotated = false;
    const { once, requests } = await askOnce(({ headers }) => {
      const good = headers['x-api-key'] === (rotated ? `${SECRET}-2` : `${SECRET}-1`);
      return good ? OK : { status: 401, body: '{}' };
    }, secret);
    rotated = true;
    const before = requests.length;
    const all = await Promise.all(Array.from({ length: 6 }, once));
    expect(all.map(({ value }) => value)).toEqual(Array.from({ length: 6 }, () => ({ ok: true })));
    expect(secret.reads()).toBe(2);
    expect(requests.length - before).toBe(12);
  });

  test('ends all requests if the new one is refused too', async () => {
    const secret = rotating();
    const { once, requests } = await askOnce(({ number }) => (number === 0 ? OK : { status: 401, body: '{}' }), secret);
    const all = await Promise.allSettled(Array.from({ length: 6 }, once));
    expect(
      all.every(
        ({ status, ...rest }) =>
          status === 'rejected' && (rest as PromiseRejectedResult).reason instanceof CredentialsError,
      ),
    ).toBe(true);
    expect(requests.length).toBeLessThan(40);
  });
});

test('a header may have a text of the declaration around its credentials', async () => {
  const { requests } = await askOnce(() => OK, {
    auth: headers({ Authorization: 'Token {ZUDU_API_KEY}:{ZUDU_API_SECRET}', 'X-Id': 'ZUDU_API_KEY' }),
    readCredentials: async () => ({ ZUDU_API_KEY: 'k$&', ZUDU_API_SECRET: 's' }),
  });
  expect(requests[0]?.headers).toMatchObject({ authorization: 'Token k$&:s', 'x-id': 'k$&' });
});

describe('a 403 that says that there were too many requests', () => {
  test.each([{ 'retry-after': '2' }, { 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '60' }])(
    'is no refusal of the credentials, and passes: %j',
    async (headers) => {
      const limited = { status: 403, headers, body: '{"message":"rate limit exceeded for Jane Doe"}' };
      const good = await askOnce(first(2, limited));
      expect(good.value).toEqual({ ok: true });
      expect(good.requests).toHaveLength(3);
      const bad = await askOnce(() => limited);
      expect(bad.error).toMatchObject({ name: 'SourceUnavailableError', exitCode: 3 });
      expectSilence(bad);
    },
  );

  test.each([429, 403])('halves the rate of the account: %i', async (status) => {
    const limited = { status, headers: { 'retry-after': '2' }, body: '{}' };
    const { once, ports } = await askOnce(first(1, limited), { rps: 10 });
    await once();
    // 100 ms before.
    expect(ports.clock.waits.at(-1)).toBeGreaterThan(150);
  });

  test('is one while requests are left', async () => {
    const headers = { 'x-ratelimit-remaining': '58', 'x-ratelimit-limit': '60' };
    const { error, requests } = await askOnce(() => ({ status: 403, headers, body: '{}' }));
    expect(error).toMatchObject({ name: 'CredentialsError', exitCode: 2 });
    expect(requests).toHaveLength(2);
  });
});
