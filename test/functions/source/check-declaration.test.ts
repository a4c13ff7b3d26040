import { describe, expect, test } from 'vitest';
import { DeclarationError } from '../../../functions/errors.ts';
import { type Auth, headers, oauth2 } from '../../../functions/source/auth.ts';
import { checkDeclaration } from '../../../functions/source/check-declaration.ts';
import { byOffset, fromLast, inLink } from '../../../functions/source/paging.ts';
import type { SourceOptions } from '../../../functions/source/source.ts';
import { defineTable } from '../../../schemas/table.ts';
import capped from '../../fixtures/sources/capped.ts';
import oauthPhone from '../../fixtures/sources/oauth-phone.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { CALLS, check, OPTIONS, says } from '../../helpers/check-source.ts';

describe('a sound declaration', () => {
  test.each([
    {},
    { order: [] },
    { tiers: [], alwaysSweep: true },
    { answer: { records: '.', next: ['a.b', 'c'] }, ask: ({ next, from }: never) => ({ body: { next, from } }) },
    {
      answer: { records: '.', next: inLink('links.next', 'cursor') },
      ask: ({ next, from }: never) => ({ query: { next, from } }),
    },
    {
      answer: { records: '.', next: fromLast('start.time') },
      ask: ({ next, from }: never) => ({ query: { next, from } }),
    },
    { answer: { records: '.', next: byOffset }, ask: ({ next, from }: never) => ({ query: { next, from } }) },
    { answer: undefined, read: () => ({ records: [] }) },
    { pageSize: 0, window: undefined, ask: () => ({}) },
    { path: '/{NOVA_ACCOUNT}/calls' },
    { path: '/users/{user}/calls', partitions: () => [] },
    { otherwise: [{ name: 'v2', path: '/v2/calls' }, { answer: { records: 'calls' } }] },
  ])('is accepted: %j', (stream) => {
    expect(check(stream)().name).toBe('nova');
  });

  test('is that of each fixture', () => {
    expect(checkDeclaration('x', 'capped', capped).name).toBe('capped');
    expect(checkDeclaration('x', 'postbox', postbox).name).toBe('postbox');
    expect(checkDeclaration('x', 'oauth_phone', oauthPhone).name).toBe('oauth_phone');
  });
});

test.each([
  [{ largestPage: 100 }, false],
  [{ largestPage: 50 }, false],
  [{ largestPage: 75 }, true],
  [{ largestPage: 25 }, true],
])('a largest page is a multiple of the page: %j is wrong: %s', (stream, isWrong) => {
  const fault = says('calls.largestPage', 'it is not a multiple of pageSize', 'a multiple, so that pages begin alike');
  if (isWrong) expect(check(stream)).toThrow(fault);
  else expect(check(stream)).not.toThrow();
});

test.each([() => null, () => 'text', () => undefined, () => ({ page: 1 }), ({ id: own }: never) => ({ id: own })])(
  'details whose ask returns no request are named: %s',
  (ask) => {
    const tables = [defineTable({ ...OPTIONS, name: 'nova_details' })];
    expect(check({ details: { d: { tables, path: '/calls/{id}', ask } } })).toThrow(
      /calls\.details\.d\.ask: it fails, or returns no request; expected \{ query \} or \{ body \}/,
    );
  },
);

describe('a file without a source', () => {
  test.each([undefined, null, 7, {}, { streams: {} }])('is named: %j', (declared) => {
    expect(() => checkDeclaration('functions/sources/nova.ts', 'nova', declared)).toThrow(
      new DeclarationError('functions/sources/nova.ts declares no source; expected export default defineSource({ … })'),
    );
  });
});

describe('a wrong declaration of a source', () => {
  const cases: readonly [string, Partial<SourceOptions>, string, string, string][] = [
    ['name', { name: 'novum' }, 'name', 'it is "novum"', '"nova", the name of the file'],
    [
      'address',
      { baseUrl: 'http://nova.example' },
      'baseUrl',
      'baseUrl is not https',
      'an address of https, such as https://api.example.com',
    ],
    [
      'address',
      { baseUrl: 'nova' },
      'baseUrl',
      'baseUrl is not a URL',
      'an address of https, such as https://api.example.com',
    ],
    [
      'credential',
      { auth: headers({ 'x-key': 'bad api key', 'x-fine': 'Token {NOVA_KEY}' }) },
      'auth',
      '"bad api key" is not a name of a variable',
      'capital letters, digits and _, such as ACME_API_KEY',
    ],
    [
      'kind of authorization',
      { auth: { kind: 'magic' } as unknown as Auth },
      'auth',
      'it is of an unknown kind',
      'one of headers, bearer, basic, oauth2',
    ],
    [
      'address of tokens',
      { auth: oauth2({ tokenUrl: 'http://nova.example/token', client: ['A', 'B'] }) },
      'auth.tokenUrl',
      'auth.tokenUrl is not https',
      'an address of https, such as https://api.example.com',
    ],
    [
      'name in an address of tokens',
      { auth: oauth2({ tokenUrl: 'https://login.example/{tenant}/token', client: ['A', 'B'] }) },
      'auth',
      '"tenant" is not a name of a variable',
      'capital letters, digits and _, such as ACME_API_KEY',
    ],
    [
      'host in an address of tokens',
      { auth: oauth2({ tokenUrl: 'https://{TENANT}.login.example/token', client: ['A', 'B'] }) },
      'auth.tokenUrl',
      'nothing fills {…} there',
      'credentials in the path of auth.tokenUrl and of streams only',
    ],
    ['rate', { limits: { perMinute: 0 } }, 'limits.perMinute', 'it is not a rate', 'a number above 0'],
    ['status', { limits: { retry: [200] } }, 'limits.retry', 'it has another number', 'statuses from 400 to 599'],
    ['status', { limits: { retry: [429, 600] } }, 'limits.retry', 'it has another number', 'statuses from 400 to 599'],
    ['list of streams', { streams: {} }, 'streams', 'there is none', 'at least one'],
    [
      'name of a stream',
      { streams: { 'Call-List': CALLS } },
      'streams.Call-List',
      'it is not a name of a stream',
      'lower-case letters, digits and _',
    ],
    [
      'table',
      { streams: { calls: CALLS, others: CALLS } },
      'others.tables.nova_calls',
      'it is declared twice',
      'each table in one stream',
    ],
  ];
  test.each(cases)('is named: %s %#', (_what, source, at, seen, expected) => {
    expect(check({}, source)).toThrow(says(at, seen, expected));
  });
});

test('five faults at most are named at once', () => {
  const wrong = { pageSize: -1, firstPage: 2, order: ['x'], tiers: [], path: 'x', window: { by: 'x', as: 'iso' } };
  let message = '';
  try {
    check(wrong)();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.split(' | ')).toHaveLength(5);
});
