import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../functions/errors.ts';
import { readProxy } from '../../../functions/http/proxy-settings.ts';

describe('HTTPS_PROXY', () => {
  test.each([
    ['http://proxy.example:8080', 'http://proxy.example:8080/', undefined],
    ['proxy.example:8080', 'http://proxy.example:8080/', undefined],
    [' https://proxy.example ', 'https://proxy.example/', undefined],
    ['http://u:p%40w@proxy.example', 'http://proxy.example/', 'u:p@w'],
    ['http://u@proxy.example', 'http://proxy.example/', 'u:'],
  ])('%s is read', (text, address, pair) => {
    const proxy = readProxy({ HTTPS_PROXY: text });
    expect(proxy?.url.href).toBe(address);
    expect(proxy?.authorization).toBe(pair && `Basic ${Buffer.from(pair).toString('base64')}`);
  });

  test.each([{}, { HTTPS_PROXY: '' }, { HTTPS_PROXY: ' ' }, { https_proxy: '', HTTPS_PROXY: 'http://a' }])(
    'is not set by %j',
    (env) => expect(readProxy(env)).toBeUndefined(),
  );

  test.each([
    ['http://hunter2 :1', 'HTTPS_PROXY is not a URL; expected an address such as http://proxy.example.com:8080'],
    [
      'socks5://hunter2:1',
      'HTTPS_PROXY is not an http or https proxy; expected an address such as http://proxy.example.com:8080',
    ],
    [
      'http://u:hunter2%@proxy.example',
      'HTTPS_PROXY has a user name or password with a wrong % escape; write % as %25',
    ],
  ])('%s is refused without being quoted', (text, message) => {
    expect(() => readProxy({ HTTPS_PROXY: text })).toThrow(new ConfigError(message));
  });
});

describe('NO_PROXY', () => {
  test.each([
    ['', 'https://a.example', true],
    ['', 'http://a.example', false],
    ['', 'https://localhost', false],
    ['', 'https://127.9.9.9:1', false],
    ['', 'https://[::1]', false],
    ['*', 'https://a.example', false],
    ['a.example', 'https://a.example', false],
    ['a.example', 'https://b.a.example', false],
    ['a.example', 'https://ba.example', true],
    ['.a.example', 'https://b.a.example', false],
    ['*.a.example', 'https://b.a.example', false],
    ['A.EXAMPLE', 'https://a.example', false],
    ['x, y\ta.example', 'https://a.example', false],
    ['a.example:443', 'https://a.example', false],
    ['a.example:443', 'https://a.example:8443', true],
    ['a.example:8443', 'https://a.example:8443', false],
    ['10.0.0.1', 'https://10.0.0.1', false],
    ['10.0.0.1', 'https://10.0.0.10', true],
    ['fd00::1', 'https://[fd00::1]', false],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443', false],
    ['[fd00::1]:8443', 'https://[fd00::1]', true],
    [',,', 'https://a.example', true],
  ])('%j: does %s use the proxy? %s', (list, url, uses) => {
    expect(readProxy({ HTTPS_PROXY: 'http://p', NO_PROXY: list })?.serves(new URL(url))).toBe(uses);
  });
});
