import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ContractError, CredentialsError, SourceUnavailableError } from '../../../functions/errors.ts';
import { oauth2 } from '../../../functions/source/auth.ts';
import { askOnce, OK, WHERE } from '../../helpers/ask-client.ts';
import type { ScriptedAnswer, ScriptedRequest } from '../../helpers/scripted-server.ts';

const CLIENT = { CLIENT_ID: 'id:1', CLIENT_SECRET: 'sk very/secret', TENANT: 'north' };
const auth = oauth2({ tokenUrl: '/oauth/token', client: ['CLIENT_ID', 'CLIENT_SECRET'] });
const isForToken = ({ path }: ScriptedRequest) => path === '/oauth/token';
const bearerOf = ({ headers }: ScriptedRequest) => headers.authorization?.replace('Bearer ', '');

interface World {
  /** Answer to the nth request for a token, from 1. */
  readonly token?: (n: number) => ScriptedAnswer;
  readonly answer?: (request: ScriptedRequest) => ScriptedAnswer;
  readonly auth?: typeof auth;
  readonly clock?: { ms: number };
  readonly retry?: readonly number[];
  readonly rps?: number;
}

/** A vendor that gives out the tokens `t1`, `t2`, … and answers with each of them. */
async function ask({ token, answer = () => OK, ...options }: World = {}) {
  let given = 0;
  const tokenOf = token ?? ((n) => ({ json: { access_token: `t${n}`, token_type: 'Bearer', expires_in: 3600 } }));
  const result = await askOnce(
    (request) => {
      if (!isForToken(request)) return answer(request);
      given += 1;
      return tokenOf(given);
    },
    { auth, readCredentials: async () => CLIENT, ...options },
  );
  const tokens = () => result.requests.filter(isForToken);
  const used = () => result.requests.filter((request) => !isForToken(request)).map(bearerOf);
  return { ...result, tokens, used };
}

function expectNoSecret({ error, ports }: Pick<Awaited<ReturnType<typeof ask>>, 'error' | 'ports'>) {
  const said = `${error?.message} ${JSON.stringify(ports.lines)}`;
  for (const text of ['sk very', 'sk+very', 'id:1', 'secret', 'north', 't1', '127.0.0.1'])
    expect(said).not.toContain(text);
}

describe('a token', () => {
  test('is requested once with the client in a header, and then used', async () => {
    const { value, tokens, used, once, client } = await ask();
    await once();
    expect(value).toEqual({ ok: true });
    expect(used()).toEqual(['t1', 't1']);
    expect(tokens()).toHaveLength(1);
    expect(tokens()[0]).toMatchObject({ method: 'POST', body: 'grant_type=client_credentials' });
    expect(tokens()[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const [, basic = ''] = tokens()[0]?.headers.authorization?.split(' ') ?? [];
    expect(Buffer.from(basic, 'base64').toString()).toBe('id%3A1:sk+very%2Fsecret');
    expect(client.requests()).toBe(3);
  });

  test('is requested with the declared grant, fields and client in the body', async () => {
    const { tokens } = await ask({
      auth: oauth2({
        tokenUrl: '/oauth/token',
        client: ['CLIENT_ID', 'CLIENT_SECRET'],
        clientIn: 'body',
        grant: 'account_credentials',
        fields: { account_id: 'TENANT' },
        constants: { scope: 'calls:read' },
      }),
    });
    expect(Object.fromEntries(new URLSearchParams(tokens()[0]?.body))).toEqual({
      grant_type: 'account_credentials',
      client_id: CLIENT.CLIENT_ID,
      client_secret: CLIENT.CLIENT_SECRET,
      account_id: 'north',
      scope: 'calls:read',
    });
    expect(tokens()[0]?.headers.authorization).toBeUndefined();
  });

  test('is shared by requests that begin at the same time', async () => {
    const { once, tokens, used } = await ask();
    await Promise.all([once(), once(), once()]);
    expect(tokens()).toHaveLength(1);
    expect(used()).toHaveLength(4);
  });

  test.each([
    { says: 'a minute before its end', expires_in: 3600, stillAt: 3539, renewedAt: 3541 },
    { says: 'a tenth of its time before its end if it is short', expires_in: 100, stillAt: 89, renewedAt: 91 },
    { says: 'also if its time is a text', expires_in: '100', stillAt: 89, renewedAt: 91 },
  ])('is renewed $says', async ({ expires_in, stillAt, renewedAt }) => {
    const clock = { ms: Date.parse('2026-11-01T09:00:00Z') };
    const { once, used, ports } = await ask({ token: (n) => ({ json: { access_token: `t${n}`, expires_in } }) });
    ports.clock.ms = clock.ms + stillAt * 1000;
    await once();
    ports.clock.ms = clock.ms + renewedAt * 1000;
    await once();
    expect(used()).toEqual(['t1', 't1', 't2']);
  });

  test.each([undefined, 0, -1, null, 'soon'])('is used until it is refused if its time is %j', async (expires_in) => {
    const { once, used, ports } = await ask({ token: (n) => ({ json: { access_token: `t${n}`, expires_in } }) });
    ports.clock.ms += 1e12;
    await once();
    expect(used()).toEqual(['t1', 't1']);
  });

  test('is renewed at each 401, however many there are in a run', async () => {
    let valid = 't1';
    const { once, used, value } = await ask({
      answer: (request) => (bearerOf(request) === valid ? OK : { status: 401, body: '{}' }),
    });
    expect(value).toEqual({ ok: true });
    for (const next of ['t2', 't3', 't4']) {
      valid = next;
      await Promise.all([once(), once()]);
    }
    expect(used().at(-1)).toBe('t4');
    expect(new Set(used())).toEqual(new Set(['t1', 't2', 't3', 't4']));
  });

  test('that ends while its request waits for its turn is renewed before it is sent', async () => {
    const { error, used, once } = await ask({
      rps: 0.1,
      token: (n) => ({ json: { access_token: `t${n}`, expires_in: 8 } }),
      answer: (request) => (bearerOf(request) === 't1' ? { status: 401, body: '{}' } : OK),
    });
    expect(error).toBeUndefined();
    await once();
    expect(used()).not.toContain('t1');
  });

  test.each<[expires: unknown, tokens: number]>([
    ['3600', 1],
    ['2', 2],
    [2, 2],
    [0, 1],
    ['0', 1],
    [-5, 1],
    [null, 1],
    ['soon', 1],
    [1e15, 1],
    [[2], 2],
  ])('whose end is given as %j is renewed if that is a time', async (expires_in, count) => {
    const { once, ports, tokens, error } = await ask({
      token: (n) => ({ json: { access_token: `t${n}`, token_type: 'Bearer', expires_in } }),
    });
    expect(error).toBeUndefined();
    ports.clock.ms += 3000;
    await once();
    expect(tokens()).toHaveLength(count);
  });

  test('that is refused when new ends the run with exit 2', async () => {
    const result = await ask({ answer: () => ({ status: 401, body: '{}' }) });
    expect(result.error).toBeInstanceOf(CredentialsError);
    expect(result.used()).toEqual(['t1']);
    expectNoSecret(result);
  });

  test('is not renewed for ever for one request that is refused while others are accepted', async () => {
    const { client, requests, url } = await ask({
      answer: ({ path }) =>
        path !== '/refused' ? OK : (response) => void acceptAnother().then(() => refuse(response)),
    });
    const send = (path: string) => client.request({ method: 'GET', path, url: `${url}${path}` }, WHERE, (json) => json);
    const acceptAnother = () => send('/accepted');
    const refuse = (response: ServerResponse) =>
      response.writeHead(403, { 'content-type': 'application/json' }).end('{}');
    await expect(send('/refused')).rejects.toBeInstanceOf(CredentialsError);
    expect(requests.filter(({ path }) => path === '/refused')).toHaveLength(3);
  });
});

describe('a request for a token', () => {
  test.each([400, 401, 403])('that is answered %d says that the credentials are refused', async (status) => {
    const result = await ask({ token: () => ({ status, body: '{"error":"invalid_client"}' }) });
    expect(result.error).toBeInstanceOf(CredentialsError);
    expect(result.error?.message).toMatch(
      new RegExp(
        `^zudu.calls: POST /oauth/token answered ${status} \\(the vendor names invalid_client\\): the vendor refused the credentials of account default`,
      ),
    );
    expect(result.tokens()).toHaveLength(1);
    expectNoSecret(result);
  });

  test('is repeated while the vendor is unavailable', async () => {
    const result = await ask({
      token: (n) => (n < 3 ? { status: 503, body: '' } : { json: { access_token: 't1' } }),
    });
    expect(result.value).toEqual({ ok: true });
    expect(result.tokens()).toHaveLength(3);
  });

  test('that keeps failing ends with exit 3, and the next request tries again', async () => {
    const result = await ask({ token: () => ({ status: 503, body: '' }) });
    expect(result.error).toBeInstanceOf(SourceUnavailableError);
    expect(result.tokens()).toHaveLength(8);
    await expect(result.once()).rejects.toBeInstanceOf(SourceUnavailableError);
    expect(result.tokens()).toHaveLength(16);
  });

  test.each([
    [{}, 'has no token; expected a text in access_token'],
    [[], 'has no token; expected a text in access_token'],
    [{ access_token: 7 }, 'has no token; expected a text in access_token'],
    [{ access_token: '' }, 'has no token; expected a text in access_token'],
    [{ access_token: 'two\nlines' }, 'has no token; expected a text in access_token'],
    [{ access_token: 't1', token_type: 'mac' }, 'has a token of another type in token_type; expected bearer'],
    [{ error: 'temporarily_unavailable' }, 'reports a failure in error; expected a token in access_token'],
    [{ ok: false, access_token: null }, 'reports a failure in ok; expected a token in access_token'],
  ])('that is answered %j is a contract error', async (json, says) => {
    const result = await ask({ token: () => ({ json }) });
    expect(result.error).toBeInstanceOf(ContractError);
    expect(result.error?.message).toBe(`zudu.calls: POST /oauth/token: the answer ${says}`);
  });

  test.each([
    [{ error: 'invalid_client' }, ' (the vendor names invalid_client)'],
    [{ error: 'incorrect_client_credentials', error_description: 'of Jane' }, ''],
    [
      { success: false, errorCode: 'unauthorized_client', access_token: null },
      ' (the vendor names unauthorized_client)',
    ],
  ])('that is refused with status 200 and %j says that the credentials are refused', async (json, names) => {
    const result = await ask({ token: () => ({ json }) });
    expect(result.error).toBeInstanceOf(CredentialsError);
    const says = `zudu.calls: POST /oauth/token answered 200${names}: the vendor refused the credentials of account default`;
    expect(result.error?.message).toContain(says);
    expect(result.error?.message).not.toContain('Jane');
    expectNoSecret(result);
  });

  test.each(['http://vendor.example/token', 'ftp://127.0.0.1/token', 'token'])(
    'is not sent to %s',
    async (tokenUrl) => {
      const { error, requests } = await ask({ auth: oauth2({ tokenUrl, client: ['CLIENT_ID', 'CLIENT_SECRET'] }) });
      expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining('tokenUrl') });
      expect(requests).toEqual([]);
    },
  );

  test('does not follow a redirect, which would carry the secret elsewhere', async () => {
    const result = await ask({ token: () => ({ status: 307, headers: { location: '/elsewhere' }, body: '' }) });
    expect(result.error).toBeInstanceOf(ContractError);
    expect(result.requests).toHaveLength(1);
  });
});
