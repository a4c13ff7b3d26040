import { describe, expect, test } from 'vitest';
import { type Auth, basic, bearer, headers, oauth2 } from '../../../functions/source/auth.ts';
import { defineSource, type Limits, rateOf } from '../../../functions/source/source.ts';

describe('the credentials of a source', () => {
  test.each<[Auth, readonly string[]]>([
    [headers({ 'X-Id': 'NOVA_ID', 'X-Secret': 'NOVA_SECRET', 'X-Again': 'NOVA_ID' }), ['NOVA_ID', 'NOVA_SECRET']],
    [headers({ 'X-Id': 'NOVA_ID', Authorization: 'Token {NOVA_KEY}:{NOVA_ID}' }), ['NOVA_ID', 'NOVA_KEY']],
    [bearer('NOVA_TOKEN'), ['NOVA_TOKEN']],
    [basic('NOVA_USER', 'NOVA_PASSWORD'), ['NOVA_USER', 'NOVA_PASSWORD']],
    [
      oauth2({ tokenUrl: '/token', client: ['NOVA_ID', 'NOVA_SECRET'], fields: { account_id: 'NOVA_ACCOUNT' } }),
      ['NOVA_ID', 'NOVA_SECRET', 'NOVA_ACCOUNT'],
    ],
    [
      oauth2({ tokenUrl: 'https://login.example/{NOVA_TENANT}/token', client: ['NOVA_ID', 'NOVA_SECRET'] }),
      ['NOVA_ID', 'NOVA_SECRET', 'NOVA_TENANT'],
    ],
  ])('are those that its authorization names: %j', (auth, expected) => {
    const source = defineSource({ name: 'nova', baseUrl: 'https://nova.example', auth, streams: {} });
    expect(source.credentials).toEqual(expected);
  });
});

describe('the rate of a source', () => {
  test.each<[Limits | undefined, number]>([
    [undefined, 10],
    [{}, 10],
    [{ perSecond: 3 }, 3],
    [{ perSecond: 50 }, 50],
    [{ perMinute: 60 }, 1],
    [{ perMinute: 6000 }, 10],
    [{ perSecond: 50, perMinute: 600 }, 10],
  ])('of %j is %d requests a second', (limits, expected) => {
    expect(rateOf(limits ? { limits } : {})).toBe(expected);
  });
});
