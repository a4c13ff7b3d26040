import { describe, expect, test } from 'vitest';
import { CredentialsError } from '../../../functions/errors.ts';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { basic, bearer, headers, oauth2 } from '../../../functions/source/auth.ts';
import { checkConformance } from '../../../local/commands/check-source/conformance.ts';
import type { Extract } from '../../../local/commands/check-source/world.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { askOnce, expectSilence, OK } from '../../helpers/ask-client.ts';
import { check, says } from '../../helpers/check-source.ts';

describe('headers of a source', () => {
  const readCredentials = async () => ({ ID: 'id', TOKEN: 'secret' });

  test('are on each request, beside the credentials', async () => {
    const { requests, value } = await askOnce(() => OK, {
      auth: bearer('TOKEN'),
      headers: { 'Accept-Version': '2026-11-01', Accept: 'application/vnd.nova+json' },
      readCredentials,
    });
    expect(value).toEqual({ ok: true });
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'accept-version': '2026-11-01',
      accept: 'application/vnd.nova+json',
      'user-agent': expect.stringMatching(/^Callhouse/),
    });
  });

  test('are on no request for a token', async () => {
    const token = { json: { access_token: 't1', token_type: 'bearer', expires_in: 3600 } };
    const { requests } = await askOnce(({ path }) => (path === '/token' ? token : OK), {
      auth: oauth2({ tokenUrl: '/token', client: ['ID', 'TOKEN'] }),
      headers: { 'Nova-Version': '2' },
      readCredentials,
    });
    expect(requests.map(({ path, headers: { 'nova-version': version } }) => [path, version])).toEqual([
      ['/token', undefined],
      ['/calls/{id}'.replace('{id}', 'patient-77'), '2'],
    ]);
  });

  test('are sent by every request that check-source plays', async () => {
    const sent = new Set<string | undefined>();
    const watched: Extract = (source, request, { fetch, ...ports }) =>
      extractAccount(source, request, {
        ...ports,
        fetch: (url, asked) => {
          sent.add(asked.headers['nova-version']);
          return fetch(url, asked);
        },
      });
    const wrong: unknown[] = [];
    for await (const { outcome } of checkConformance({ ...postbox, headers: { 'Nova-Version': '2' } }, watched))
      if (typeof outcome === 'object' && 'what' in outcome) wrong.push(outcome);
    expect(wrong).toEqual([]);
    expect([...sent]).toEqual(['2']);
  });

  test.each([
    [
      'name',
      { headers: { 'Nova Version': '2' } },
      'headers.Nova Version',
      'it is not a name of a header',
      'such as Accept-Version',
    ],
    [
      'name with a blank before',
      { headers: { ' Nova-Version': '2' } },
      'headers. Nova-Version',
      'it is not a name of a header',
      'such as Accept-Version',
    ],
    [
      'name with a colon after',
      { headers: { 'Nova-Version:': '2' } },
      'headers.Nova-Version:',
      'it is not a name of a header',
      'such as Accept-Version',
    ],
    [
      'name that is ours',
      { headers: { 'Content-Type': 'x' } },
      'headers.Content-Type',
      'Callhouse sets it itself',
      'another header',
    ],
    [
      'second name',
      { headers: { AUTHORIZATION: 'x' } },
      'headers.AUTHORIZATION',
      'auth, or a header above, sets it too',
      'each header once',
    ],
    [
      'value',
      { headers: { 'Nova-Version': 'v\n2' } },
      'headers.Nova-Version',
      'it is not a value of a header',
      'a text of printable ASCII, such as 2026-11-01',
    ],
    [
      'variable',
      { headers: { 'Nova-Version': '{NOVA_KEY}' } },
      'headers.Nova-Version',
      'nothing fills {…} there',
      'a constant; credentials belong into auth',
    ],
    [
      'name in auth',
      { auth: headers({ 'X Key': 'NOVA_KEY' }) },
      'auth.headers.X Key',
      'it is not a name of a header',
      'such as Accept-Version',
    ],
  ])('with a wrong %s are named at load', (_what, source, at, seen, expected) => {
    expect(check({}, source)).toThrow(says(at, seen, expected));
  });

  test('that are right are not named', () => {
    expect(check({}, { headers: { 'Accept-Version': '2024-01-01', Accept: 'application/json; v=2' } })).not.toThrow();
  });
});

describe('a credential that no header can hold', () => {
  test.each([
    ['bearer', bearer('TOKEN'), 'sk\nsecret'],
    ['a header', headers({ 'X-Key': 'TOKEN' }), 'sk\u{1f600}secret'],
    ['a text of a header', headers({ 'X-Key': 'Token {TOKEN}' }), 'sk\u0000secret'],
    ['basic', basic('ID', 'TOKEN'), undefined],
  ])('is named by its variable, and is not sent (%s)', async (_kind, auth, value) => {
    const result = await askOnce(() => OK, {
      auth,
      readCredentials: async () => ({ ID: 'id', TOKEN: value ?? 'sk\nsecret' }),
    });
    if (value === undefined) return expect(result.value).toEqual({ ok: true });
    expect(result.requests).toHaveLength(0);
    expect(result.error).toBeInstanceOf(CredentialsError);
    expect(result.error?.message).toMatch(/^zudu.calls: TOKEN has a character that no header can hold; expected/);
    expectSilence(result);
  });
});
