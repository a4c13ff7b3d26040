import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  ContractError,
  InterruptedError,
  NotFoundError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../../functions/errors.ts';
import { createClient } from '../../../functions/http/client.ts';
import { requestPacer } from '../../../functions/http/request-pacer.ts';
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
    ['HTML', { body: '<html>Jane Doe</html>', headers: { 'content-type': 'text/html' } }],
    ['nothing', { body: '' }],
    ['half a document', { body: '{"name":"Jane Doe' }],
    ['a trailing comma', { body: '{ "error": "Jane Doe", }' }],
  ])(
    'is requested again if its status is 200 and its body is %s, and the body is not quoted',
    async (_what, answer) => {
      const good = await askOnce(first(2, answer));
      expect(good.value).toEqual({ ok: true });
      const bad = await askOnce(() => answer);
      expect(bad.error).toBeInstanceOf(ContractError);
      expect(bad.requests).toHaveLength(8);
      expect(bad.error?.message).toMatch(
        /^zudu\.calls: GET \/calls\/\{id\} answered 200 with a body of \d+ characters that is not JSON$/,
      );
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
      expect(error?.message).toContain('redirects are not followed');
      expect(error?.message).not.toContain(location);
      expect(requests).toHaveLength(1);
    },
  );

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
      authorize: async () => ({}),
      reserveMs: 0,
      ports,
    });
    const asking = client.request({ method: 'GET', path: '/calls', url: `${server.url}/calls` }, WHERE, (json) => json);
    await expect(asking).rejects.toThrow('zudu.calls: GET /calls got no answer (ECONNREFUSED); check the network');
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

describe('a body', () => {
  const MIB = 1024 * 1024;
  test.each([
    ['plain', () => Buffer.alloc(33 * MIB, 32), {}],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(200 * MIB, 32), { level: 1 }), { 'content-encoding': 'gzip' }],
  ])('of more than 32 MiB (%s) is rejected as soon as the limit is passed', async (_what, make, headers) => {
    const body = make();
    const before = process.memoryUsage.rss();
    const result = await askOnce(() => ({ headers: headers as Record<string, string>, body }));
    expect(result.error).toBeInstanceOf(ContractError);
    expect(result.error?.message).toBe(
      'zudu.calls: GET /calls/{id}: the answer is larger than 32 MiB; expected one page of records',
    );
    expect(result.requests).toHaveLength(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MIB);
  });

  test('of a little less than 32 MiB is read', async () => {
    const { value } = await askOnce(() => ({ body: `"${'a'.repeat(31 * MIB)}"` }));
    expect(String(value)).toHaveLength(31 * MIB);
  });

  test('is read if it begins with a byte order mark or is compressed', async () => {
    expect((await askOnce(() => ({ body: '\ufeff{"ok":true}' }))).value).toEqual({ ok: true });
    const body = gzipSync('{"ok":true}');
    expect((await askOnce(() => ({ headers: { 'content-encoding': 'gzip' }, body }))).value).toEqual({ ok: true });
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

test('a request accepts JSON, and has only the expected headers', async () => {
  const { requests } = await askOnce(() => OK);
  expect(requests[0]?.headers).toMatchObject({ accept: 'application/json', 'x-api-key': SECRET });
  expect(requests[0]?.headers['content-type']).toBeUndefined();
  expect(requests[0]?.method).toBe('GET');
});
