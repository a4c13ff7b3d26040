import { describe, expect, test } from 'vitest';
import { bearer, credentialsOf, headers, headerText, oauth2, relativeToken } from '../../../functions/source/auth.ts';

const token = (tokenUrl: string) => oauth2({ client: ['ID', 'SECRET'], tokenUrl } as Parameters<typeof oauth2>[0]);
const moved = (tokenUrl: string, baseUrl: string) => {
  const { tokenUrl: path, besides } = relativeToken(token(tokenUrl), baseUrl) as { tokenUrl: string; besides?: string };
  return { path, besides };
};

describe('an address of tokens', () => {
  test.each<{ says: string; base: string; url: string; path: string; besides?: string }>([
    { says: 'of the origin alone', base: 'https://a.example', url: 'https://a.example/token', path: '/token' },
    { says: 'below its path', base: 'https://a.example/api', url: 'https://a.example/api/token', path: '/token' },
    { says: 'below a path with slashes', base: 'https://a.example/api//', url: 'https://a.example/api/t', path: '/t' },
    { says: 'in capitals', base: 'https://A.example/api', url: 'HTTPS://a.EXAMPLE/api/t', path: '/t' },
    {
      says: 'beside its path',
      ...{ base: 'https://a.example/api', url: 'https://a.example/apis/t', path: '/apis/t', besides: '/api' },
    },
    {
      says: 'that is its path',
      ...{ base: 'https://a.example/api', url: 'https://a.example/api', path: '/api', besides: '/api' },
    },
  ])('on the origin of the base URL is a path: $says', ({ base, url, path, besides }) => {
    expect(moved(url, base)).toEqual({ path, besides });
  });

  test.each([
    { says: 'of another origin', base: 'https://a.example', url: 'https://b.example/token' },
    { says: 'of an origin that begins alike', base: 'https://a.example', url: 'https://a.example.com/token' },
    { says: 'of another port', base: 'https://a.example', url: 'https://a.example:8443/token' },
    { says: 'where the base has no origin', base: 'a.example', url: 'https://a.example/token' },
    { says: 'that is a path already', base: 'https://a.example', url: '/token' },
  ])('stays as it is $says', ({ base, url }) => {
    expect(moved(url, base)).toEqual({ path: url, besides: undefined });
  });

  test('is none of other authorizations', () => {
    const auth = bearer('TOKEN');
    expect(relativeToken(auth, 'https://a.example')).toBe(auth);
  });
});

describe('the value of a header', () => {
  const credentials = { NOVA_ID: 'id', NOVA_KEY: 'key' };
  test.each([
    { text: 'NOVA_KEY', is: 'key' },
    { text: 'NOVA_NONE', is: '' },
    { text: 'Token {NOVA_KEY}:{NOVA_ID}', is: 'Token key:id' },
    { text: 'Token {NOVA_NONE}', is: 'Token ' },
  ])('$text is $is', ({ text, is }) => {
    expect(headerText(text, credentials)).toBe(is);
  });

  test('names its credentials, alone or in braces', () => {
    expect(credentialsOf(headers({ a: 'NOVA_ID', b: 'Token {NOVA_KEY}:{NOVA_ID}' }))).toEqual([
      'NOVA_ID',
      'NOVA_KEY',
      'NOVA_ID',
    ]);
    expect(credentialsOf({ ...token('/t/{TENANT}'), fields: { scope: 'SCOPE' } } as never)).toEqual([
      'ID',
      'SECRET',
      'SCOPE',
      'TENANT',
    ]);
  });
});
