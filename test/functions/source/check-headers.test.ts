import { describe, expect, test } from 'vitest';
import { bearer, headers } from '../../../functions/source/auth.ts';
import { checkHeaders } from '../../../functions/source/check-headers.ts';

const faultsOf = (own: Record<string, unknown>, auth = headers({ 'x-key': 'NOVA_KEY' })) => [
  ...checkHeaders({ auth, headers: own as Record<string, string> }),
];
const NO_NAME = { seen: 'it is not a name of a header', expected: 'such as Accept-Version' };
const OWN = { seen: 'Callhouse sets it itself', expected: 'another header' };
const NO_VALUE = { seen: 'it is not a value of a header', expected: 'a text of printable ASCII, such as 2026-11-01' };

describe('a header', () => {
  test.each([
    { 'Accept-Version': '2026-11-01' },
    { "!#$%&'*+.^_`|~-9": '~' },
    { 'X-Words': 'a b  c' },
    { 'Content-Language': 'en' },
    { 'X-Host': 'a' },
    { 'X-Open': '{' },
  ])('of a request is right: %j', (own) => {
    expect(faultsOf(own)).toEqual([]);
  });

  test.each(['', 'a b', 'ä', 'a:', ' a', 'a ', '(a)'])('has no name %j', (name) => {
    expect(faultsOf({ [name]: 'v' })).toEqual([{ at: `headers.${name}`, ...NO_NAME }]);
    const [fault, ...others] = faultsOf({}, headers({ [name]: 'NOVA_KEY' }));
    expect([fault, others]).toEqual([{ at: `auth.headers.${name}`, ...NO_NAME }, []]);
  });

  test.each([
    ...['accept-encoding', 'Connection', 'content-encoding', 'Content-Length', 'content-type', 'Cookie', 'expect'],
    ...['Host', 'keep-alive', 'TE', 'trailer', 'transfer-encoding', 'upgrade', 'User-Agent'],
  ])('cannot be %s, which a request has already', (name) => {
    expect(faultsOf({ [name]: 'v' })).toEqual([{ at: `headers.${name}`, ...OWN }]);
  });

  test.each(['', ' ', ' v', 'v ', 'ä', 'a\nb', 'a\tb', '\u007f', 7, null, ['v']])('has no value %j', (value) => {
    expect(faultsOf({ 'X-A': value })).toEqual([{ at: 'headers.X-A', ...NO_VALUE }]);
  });

  test.each(['{NOVA_KEY}', 'Token {}'])('is not filled with a credential: %s', (value) => {
    expect(faultsOf({ 'X-A': value })).toEqual([
      { at: 'headers.X-A', seen: 'nothing fills {…} there', expected: 'a constant; credentials belong into auth' },
    ]);
  });

  test.each([
    { says: 'auth', own: { 'X-KEY': 'v' }, auth: undefined, at: 'X-KEY' },
    { says: 'a token', own: { Authorization: 'v' }, auth: bearer('NOVA_KEY'), at: 'Authorization' },
    { says: 'another one', own: { 'x-a': 'v', 'X-A': 'v' }, auth: undefined, at: 'X-A' },
  ])('is set once: $says sets it too', ({ own, auth, at }) => {
    const twice = { seen: 'auth, or a header above, sets it too', expected: 'each header once' };
    expect(faultsOf(own, auth as never)).toEqual([{ at: `headers.${at}`, ...twice }]);
  });
});

test('a source need not have any', () => {
  expect([...checkHeaders({ auth: bearer('NOVA_KEY') })]).toEqual([]);
});
