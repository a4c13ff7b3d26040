import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ContractError,
  InterruptedError,
  NotFoundError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../../functions/errors.ts';
import { createClient } from '../../../functions/http/client.ts';
import { requestPacer } from '../../../functions/http/pacing.ts';
import { headers } from '../../../functions/source/auth.ts';
import { askOnce, expectSilence, first, OK, SECRET, WHERE } from '../../helpers/ask-client.ts';
import { makePorts } from '../../helpers/ports.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

describe('an answer that reports a passing fault', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 529])('is requested again if its status is %d', async (status) => {
    const result = await askOnce(first(3, { status, body: '{"name":"Jane Doe",}' }));
    expect(result.value).toEqual({ ok: true });
    expect(result.requests).toHaveLength(4);
    expect(result.waits).toHaveLength(3);
    expectSilence(result);
  });

  test.each([
    [
      'HTML',
      { body: '<html>Jane Doe</html>', headers: { 'content-type': 'text/html' } },
      'a body of 21 characters that is an HTML or XML page; expected JSON',
    ],
    ['nothing', { body: '' }, 'an empty body; expected JSON, also if there are no records'],
    ['half a document', { body: '{"name":"Jane Doe' }, 'a body of 17 characters that is not JSON'],
    ['a trailing comma', { body: '{ "error": "Jane Doe", }' }, 'a body of 24 characters that is not JSON'],
    [
      'not UTF-8',
      { body: Buffer.from('{"name":"Jane Doe \xe9"}', 'latin1') },
      'a body that is not valid UTF-8; expected UTF-8',
    ],
    [
      'not in the charset of its header',
      {
        body: Buffer.from('{"name":"Jane Doe \x80"}', 'latin1'),
        headers: { 'content-type': 'text/json; charset=Shift_JIS' },
      },
      'a body that is not valid SHIFT_JIS; expected UTF-8',
    ],
    [
      'in an unknown charset',
      { body: '{"name":"Jane Doe"}', headers: { 'content-type': 'application/json; charset=Jane Doe' } },
      'a body in a charset that is unknown here; expected UTF-8',
    ],
  ])(
    'is requested again if its status is 200 and its body is %s, and the body is not quoted',
    async (_what, answer, says) => {
      const good = await askOnce(first(2, answer));
      expect(good.value).toEqual({ ok: true });
      const bad = await askOnce(() => answer);
      expect(bad.error).toBeInstanceOf(ContractError);
      expect(bad.requests).toHaveLength(8);
      expect(bad.error?.message).toBe(`zudu.calls: GET /calls/{id} answered 200 with ${says}`);
      expectSilence(bad);
    },
  );

  test('is requested eight times in all, with waits that double up to 8 s', async () => {
    const { error, requests, waits, ports, client } = await askOnce(() => ({ status: 503, body: 'Jane Doe' }));
    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(error).toMatchObject({
      exitCode: 3,
      message: 'zudu.calls: GET /calls/{id} answered 503: the vendor is unavailable; the next run continues',
    });
    expect(requests).toHaveLength(8);
    expect(client.requests()).toBe(8);
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
    expectSilence({ error, ports });
  });
});

describe('an answer that reports a lasting fault', () => {
  test.each([
    [400, ContractError],
    [404, NotFoundError],
    [410, ContractError],
    [422, ContractError],
    [301, ContractError],
    [302, ContractError],
    [304, ContractError],
    [307, ContractError],
  ])('is requested once if its status is %d', async (status, kind) => {
    const result = await askOnce(() => ({ status, body: status === 304 ? '' : '{"message":"Jane Doe"}' }));
    expect(result.error).toBeInstanceOf(kind);
    expect(result.error).toMatchObject({ exitCode: 4, message: expect.stringContaining(`answered ${status}`) });
    expect(result.requests).toHaveLength(1);
    expectSilence(result);
  });

  test.each(['http://169.254.169.254/latest', 'file:///etc/passwd', '//evil.example/x', '/elsewhere'])(
    'is not followed if it is a redirect to %s',
    async (location) => {
      const { error, requests } = await askOnce(() => ({ status: 302, headers: { location }, body: '' }));
      expect(error?.message).toBe(
        'zudu.calls: GET /calls/{id} answered 302; redirects are not followed, because they would carry the credentials to ' +
          'another address; if the API has moved, set ZUDU_BASE_URL to its new address',
      );
      expect(requests).toHaveLength(1);
    },
  );

  test.each([204, 205])('is requested once if its status is %d, which has no body', async (status) => {
    const { error, requests } = await askOnce(() => ({ status, body: '' }));
    expect(error).toMatchObject({
      name: 'RequestRefusedError',
      exitCode: 4,
      message: `zudu.calls: GET /calls/{id} answered ${status} without a body; expected JSON, also if there are no records`,
    });
    expect(requests).toHaveLength(1);
  });

  test('is not called a redirect if its status is 304', async () => {
    const { error } = await askOnce(() => ({ status: 304, body: '' }));
    expect(error?.message).toBe('zudu.calls: GET /calls/{id} answered 304; expected 2xx');
  });

  test('sends no credential to another origin', async () => {
    const thief = await scriptedServer(() => OK);
    await askOnce(() => ({ status: 307, headers: { location: `${thief.url}/x` }, body: '' }));
    expect(thief.requests).toEqual([]);
  });
});

describe('a connection', () => {
  test('is tried again if it is refused, and the run ends with exit 3', async () => {
    const server = await scriptedServer(() => OK);
    await server.close();
    const ports = makePorts();
    const client = createClient({
      pacer: requestPacer(1000, ports),
      auth: headers({}),
      readCredentials: async () => ({}),
      baseUrl: server.url,
      credentials: 'none',
      reserveMs: () => 0,
      ports,
    });
    const asking = client.request({ method: 'GET', path: '/calls', url: `${server.url}/calls` }, WHERE, (json) => json);
    await expect(asking).rejects.toThrow(
      "zudu.calls: GET /calls got no answer: its host refused the connection (ECONNREFUSED); check the network, ZUDU_BASE_URL and the vendor's status; the next run continues",
    );
    await expect(asking).rejects.toMatchObject({ exitCode: 3 });
    expect(client.requests()).toBe(5);
  });

  test.each([
    ['is reset', (response: import('node:http').ServerResponse) => response.socket?.resetAndDestroy()],
    ['is closed before the answer', (response: import('node:http').ServerResponse) => response.socket?.destroy()],
    [
      'is cut within the body',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"name":"Jane Doe"');
        setTimeout(() => response.socket?.destroy(), 5);
      },
    ],
  ])('is tried again if it %s', async (_how, act) => {
    const result = await askOnce(first(2, (response) => void act(response)));
    expect(result.value).toEqual({ ok: true });
    expect(result.requests).toHaveLength(3);
    expectSilence(result);
  });

  test('is aborted while there is time to commit what was read', async () => {
    const { error, requests } = await askOnce(() => () => {}, { remainingMs: () => 240, reserveMs: 80 });
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error).toMatchObject({ exitCode: 6, message: expect.stringContaining('time of this run is used up') });
    expect(requests).toHaveLength(1);
  });

  test('is aborted at once if the run is interrupted', async () => {
    const stop = new AbortController();
    const { once } = await askOnce(({ number }) => (number === 0 ? OK : () => setTimeout(() => stop.abort(), 10)), {
      signal: stop.signal,
    });
    await expect(once()).rejects.toThrow(InterruptedError);
    await expect(once()).rejects.toMatchObject({ exitCode: 130 });
  });
});

test('an answer that the reader rejects is requested again, and the error quotes the reader', async () => {
  const { client, url, requests } = await askOnce(() => OK);
  const question = { method: 'GET' as const, path: '/calls', url };
  let reads = 0;
  const pickAt = (read: number) => () => {
    reads += 1;
    if (reads < read) throw new ContractError('the list is missing');
    return 'read';
  };
  await expect(client.request(question, WHERE, pickAt(3))).resolves.toMatchObject({ value: 'read' });
  expect(requests).toHaveLength(4);
  await expect(client.request(question, WHERE, pickAt(99))).rejects.toThrow(
    'zudu.calls: GET /calls: the list is missing',
  );
  expect(requests).toHaveLength(12);
  // What is no failure of the vendor's is no reason to ask again.
  const bug = () => {
    throw new TypeError('a bug');
  };
  await expect(client.request(question, WHERE, bug)).rejects.toThrow(TypeError);
  expect(requests).toHaveLength(13);
});

test('a request accepts JSON, names this program and version, and has only the expected headers', async () => {
  const { requests } = await askOnce(() => OK);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(requests[0]?.headers['user-agent']).toBe(`Callhouse/${version}`);
  expect(requests[0]?.headers).toMatchObject({ accept: 'application/json', 'x-api-key': SECRET });
  expect(requests[0]?.headers['content-type']).toBeUndefined();
  expect(requests[0]?.method).toBe('GET');
});
