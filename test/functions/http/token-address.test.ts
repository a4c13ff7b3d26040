import { describe, expect, test } from 'vitest';
import { oauth2 } from '../../../functions/source/auth.ts';
import { defineSource } from '../../../functions/source/source.ts';
import { askOnce, OK } from '../../helpers/ask-client.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const CLIENT = { CLIENT_ID: 'id', CLIENT_SECRET: 'sk secret', TENANT: 'north' };

const ACCESS = { json: { access_token: 't1' } };

/** The authorization of a source of this base URL. */
function authOf(baseUrl: string, tokenUrl: string) {
  const auth = oauth2({ tokenUrl, client: ['CLIENT_ID', 'CLIENT_SECRET'] });
  return defineSource({ name: 'nova', baseUrl, auth, streams: {} }).auth;
}

describe('an address of tokens', () => {
  test.each([
    ['https://api.nova.example', 'https://api.nova.example/oauth/token', '', '/oauth/token'],
    ['https://api.nova.example/', 'https://API.nova.example/oauth/token', '', '/oauth/token'],
    ['https://api.nova.example', 'https://api.nova.example/oauth/token', '/proxy', '/proxy/oauth/token'],
    ['https://api.nova.example/v2', 'https://api.nova.example/v2/token', '/proxy/v2', '/proxy/v2/token'],
    ['https://api.nova.example/v2', 'https://api.nova.example/oauth/token', '/v2', '/oauth/token'],
    ['https://api.nova.example/v2', 'https://api.nova.example/oauth/token', '/proxy/v2', '/proxy/oauth/token'],
    ['https://api.nova.example/v2', 'https://api.nova.example/v2x/token', '', '/v2x/token'],
    ['https://api.nova.example/v2', '/oauth/token', '/v2', '/v2/oauth/token'],
  ])('of %s that is %s moves with a base URL of path %j to %s', async (baseUrl, tokenUrl, prefix, path) => {
    const auth = authOf(baseUrl, tokenUrl);
    const { value, requests } = await askOnce((request) => (request.method === 'POST' ? ACCESS : OK), {
      ...{ auth, prefix },
      readCredentials: async () => CLIENT,
    });
    expect(value).toEqual({ ok: true });
    expect(requests[0]?.path).toBe(path);
  });

  test('on another host stays, also if its name begins like that of the API', async () => {
    for (const tokenUrl of ['https://nova.example/token', 'https://api.nova.example.evil.example/token'])
      expect(authOf('https://api.nova.example', tokenUrl)).toMatchObject({ tokenUrl });
    const login = await scriptedServer(() => ACCESS);
    const { requests } = await askOnce(() => OK, {
      auth: authOf('https://api.nova.example', `${login.url}/token`),
      readCredentials: async () => CLIENT,
    });
    expect(login.requests.map(({ path }) => path)).toEqual(['/token']);
    expect(requests.map(({ path }) => path)).toEqual(['/calls/patient-77']);
  });

  test('is replaced by a variable, which alone is named if tokens are refused', async () => {
    const login = await scriptedServer(() => ({ status: 401, body: '{"error":"invalid_client"}' }));
    const ask = (tokenUrl: string) =>
      askOnce(() => OK, {
        ...{ auth: authOf('https://api.nova.example', '/oauth/token'), tokenUrl },
        readCredentials: async () => CLIENT,
      });
    const { error, requests } = await ask(`${login.url}/secret-path/{TENANT}`);
    expect(login.requests.map(({ path }) => path)).toEqual(['/secret-path/north']);
    expect(requests).toEqual([]);
    expect(error?.message).toContain('POST ZUDU_TOKEN_URL answered 401 (the vendor names invalid_client): the vendor');
    for (const text of ['secret', 'north', '127.0.0.1']) expect(error?.message).not.toContain(text);
    const wrong = await ask('http://login.nova.example/token');
    expect(wrong.error?.message).toContain('ZUDU_TOKEN_URL is not https');
  });
});

describe('a request for a token', () => {
  test.each(['no/rth', 'no?rth', '../rth'])('carries the tenant %s as one part of its path', async (tenant) => {
    const path = `/${encodeURIComponent(tenant)}/oauth/token`;
    const made = (status: number) =>
      askOnce(
        (request) =>
          request.path !== path ? OK : status === 200 ? { json: { access_token: 't1' } } : { status, body: '{}' },
        {
          auth: oauth2({ tokenUrl: '/{TENANT}/oauth/token', client: ['CLIENT_ID', 'CLIENT_SECRET'] }),
          readCredentials: async () => ({ ...CLIENT, TENANT: tenant }),
        },
      );
    const good = await made(200);
    expect(good.requests.map((request) => request.path)).toEqual([path, '/calls/patient-77']);
    const refused = await made(401);
    expect(refused.error?.message).toContain('POST /{TENANT}/oauth/token answered 401');
    expect(`${refused.error?.message} ${JSON.stringify(refused.ports.lines)}`).not.toContain('rth');
  });

  test('may be sent to another origin, whose address has the tenant, and no message shows it', async () => {
    const login = await scriptedServer(({ number }) =>
      number > 0 ? { status: 403, body: '{}' } : { json: { access_token: 't1', expires_in: 60 } },
    );
    const { value, once, ports } = await askOnce(() => OK, {
      auth: oauth2({ tokenUrl: `${login.url}/{TENANT}/token`, client: ['CLIENT_ID', 'CLIENT_SECRET'] }),
      readCredentials: async () => CLIENT,
    });
    expect(value).toEqual({ ok: true });
    expect(login.requests.map(({ path }) => path)).toEqual(['/north/token']);
    ports.clock.ms += 60_000;
    const error = await once().then(
      () => undefined,
      (failure: Error) => failure,
    );
    expect(error?.message).toContain('POST /{TENANT}/token answered 403');
    const said = `${error?.message} ${JSON.stringify(ports.lines)}`;
    for (const text of ['secret', 'north', 't1', '127.0.0.1']) expect(said).not.toContain(text);
  });

  test.each(['.', '..', ' ', ''])('is not sent if its tenant is %j', async (tenant) => {
    const { error, requests } = await askOnce(() => OK, {
      auth: oauth2({ tokenUrl: '/{TENANT}/token', client: ['CLIENT_ID', 'CLIENT_SECRET'] }),
      readCredentials: async () => ({ ...CLIENT, TENANT: tenant }),
    });
    expect(error?.message).toBe(
      'zudu.calls: TENANT is empty or dots, and is part of the address of tokens; expected an id',
    );
    expect(requests).toEqual([]);
  });
});

test.each([undefined, null, 'BEARER'])('a token of type %j is a bearer token', async (token_type) => {
  const { value, error } = await askOnce(
    ({ path }) => (path === '/token' ? { json: { access_token: 't1', token_type } } : OK),
    {
      auth: oauth2({ tokenUrl: '/token', client: ['CLIENT_ID', 'CLIENT_SECRET'] }),
      readCredentials: async () => CLIENT,
    },
  );
  expect([value, error]).toEqual([{ ok: true }, undefined]);
});
