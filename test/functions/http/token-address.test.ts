import { describe, expect, test } from 'vitest';
import { oauth2 } from '../../../functions/source/auth.ts';
import { askOnce, OK } from '../../helpers/ask-client.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const CLIENT = { CLIENT_ID: 'id', CLIENT_SECRET: 'sk secret', TENANT: 'north' };

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
