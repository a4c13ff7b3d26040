import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../functions/errors.ts';
import { checkBaseUrl } from '../../../functions/http/send.ts';

const check = (text: string) => checkBaseUrl(text, 'ZUDU_BASE_URL', { source: 'zudu' });

describe('a base URL', () => {
  test.each([
    ['https://api.zudu.ai', 'https://api.zudu.ai'],
    ['https://api.zudu.ai/', 'https://api.zudu.ai'],
    ['https://proxy.example:8443/zudu//', 'https://proxy.example:8443/zudu'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['http://127.8.9.1/x', 'http://127.8.9.1/x'],
    ['http://[::1]:80/', 'http://[::1]'],
  ])('%s is accepted as %s', (given, origin) => {
    expect(check(given)).toBe(origin);
  });

  test.each([
    ['http://api.zudu.ai', 'is not https'],
    ['http://127.0.0.1.evil.example', 'is not https'],
    ['http://localhost.evil.example', 'is not https'],
    ['http://10.0.0.1', 'is not https'],
    ['ftp://127.0.0.1', 'is not https'],
    ['file:///etc/passwd', 'is not https'],
    ['https://user:s3cret@api.zudu.ai', 'contains a user name'],
    ['https://api.zudu.ai?key=s3cret', 'contains a query'],
    ['https://api.zudu.ai#s3cret', 'contains a query'],
    ['api.zudu.ai', 'is not a URL'],
    ['', 'is not a URL'],
  ])('%s is rejected without being quoted', (given, why) => {
    expect(() => check(given)).toThrow(ConfigError);
    expect(() => check(given)).toThrow(`zudu: ZUDU_BASE_URL ${why}`);
    try {
      check(given);
    } catch (error) {
      expect(String(error)).not.toMatch(/s3cret|evil/);
    }
  });
});
