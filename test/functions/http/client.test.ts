import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  ContractError,
  CredentialsError,
  InterruptedError,
  NotFoundError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../../functions/errors.ts';
import { createClient } from '../../../functions/http/client.ts';
import { tokenBucket } from '../../../functions/http/token-bucket.ts';
import { makePorts, type TestPortsOptions } from '../../helpers/ports.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from '../../helpers/scripted-server.ts';

const WHERE = { source: 'zudu', account: 'default', stream: 'calls' };
const SECRET = 'sk_very_secret';
const OK: ScriptedAnswer = { json: { ok: true } };

/** A client of a server that answers by number. */
async function ask(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
  options: TestPortsOptions & {
    readonly authorize?: () => Promise<Record<string, string>>;
    readonly reserveMs?: number;
  } = {},
) {
  const server = await scriptedServer(answer);
  const ports = makePorts({ ...options, clock: { ms: Date.parse('2026-11-01T09:00:00Z'), ...options.clock } });
  const client = createClient({
    bucket: tokenBucket(1000, { now: ports.now, sleep: (ms) => ports.sleep(ms, ports.signal) }),
    authorize: options.authorize ?? (async () => ({ 'X-API-Key': SECRET })),
    reserveMs: options.reserveMs ?? 0,
    ports,
  });
  const question = {
    method: 'GET' as const,
    path: '/calls/{id}',
    url: `${server.url}/calls/patient-77?phone=%2B15551234567`,
  };
  const once = () => client.ask(question, WHERE, (json) => json);
  const result = await once().then(
    (value) => ({ value: value.value, error: undefined }),
    (error: Error) => ({ value: undefined, error }),
  );
  const waits = ports.clock.waits.filter((ms) => ms >= 2);
  return { ...result, ...server, ports, client, once, waits };
}

/** An answer to the first requests, and a good one after them. */
const first =
  (count: number, answer: ScriptedAnswer) =>
  ({ number }: ScriptedRequest) =>
    number < count ? answer : OK;

/** Nothing that was in a body, an address or a header stands in a message or a line of the log. */
function expectSilence({ error, ports }: { error: Error | undefined; ports: ReturnType<typeof makePorts> }) {
  const said = `${error?.message} ${JSON.stringify(ports.lines)}`;
  for (const text of [SECRET, 'patient-77', '15551234567', '127.0.0.1', 'Jane Doe']) expect(said).not.toContain(text);
}

describe('an answer that may pass', () => {
  test.each([408, 425, 429, 500, 502, 503, 504, 529])('with status %d is asked for again', async (status) => {
    const result = await ask(first(3, { status, body: '{"name":"Jane Doe",}' }));
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
  ])('with status 200 and %s is asked for again, and the text is not quoted', async (_what, answer) => {
    const good = await ask(first(2, answer));
    expect(good.value).toEqual({ ok: true });
    const bad = await ask(() => answer);
    expect(bad.error).toBeInstanceOf(ContractError);
    expect(bad.requests).toHaveLength(8);
    expect(bad.error?.message).toMatch(
      /^zudu\.calls: GET \/calls\/\{id\} answered 200 with a body of \d+ characters that is not JSON$/,
    );
    expectSilence(bad);
  });

  test('is asked for eight times in all, waiting longer each time, half a minute at most', async () => {
    const { error, requests, waits, ports, client } = await ask(() => ({ status: 503, body: 'Jane Doe' }));
    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(error).toMatchObject({
      exitCode: 3,
      message: 'zudu.calls: GET /calls/{id} answered 503; the vendor is unavailable, the next run goes on',
    });
    expect(requests).toHaveLength(8);
    expect(client.requests()).toBe(8);
    expect(waits.every((ms, n) => ms <= Math.min(30_000, 500 * 2 ** n))).toBe(true);
    expectSilence({ error, ports });
  });
});

describe('an answer that will not pass', () => {
  test.each([
    [400, ContractError],
    [404, NotFoundError],
    [410, ContractError],
    [422, ContractError],
    [301, ContractError],
    [302, ContractError],
    [304, ContractError],
    [307, ContractError],
  ])('with status %d is asked for once', async (status, kind) => {
    const result = await ask(() => ({ status, body: status === 304 ? '' : '{"message":"Jane Doe"}' }));
    expect(result.error).toBeInstanceOf(kind);
    expect(result.error).toMatchObject({ exitCode: 4, message: expect.stringContaining(`answered ${status}`) });
    expect(result.requests).toHaveLength(1);
    expectSilence(result);
  });

  test.each(['http://169.254.169.254/latest', 'file:///etc/passwd', '//evil.example/x', '/elsewhere'])(
    'that is a redirect to %s is not followed',
    async (location) => {
      const { error, requests } = await ask(() => ({ status: 302, headers: { location }, body: '' }));
      expect(error?.message).toContain('redirects are not followed');
      expect(error?.message).not.toContain(location);
      expect(requests).toHaveLength(1);
    },
  );

  test('carries no credential to another origin', async () => {
    const thief = await scriptedServer(() => OK);
    await ask(() => ({ status: 307, headers: { location: `${thief.url}/x` }, body: '' }));
    expect(thief.requests).toEqual([]);
  });
});

describe('Retry-After', () => {
  const at = (ms: number) => new Date(Date.parse('2026-11-01T09:00:00Z') + ms).toUTCString();
  test.each([
    ['2', 2000],
    ['0.5', 500],
    [' 120 ', 120_000],
    [at(90_000), 90_000],
  ])('of %s is waited for', async (header, ms) => {
    const { value, waits } = await ask(first(1, { status: 429, headers: { 'retry-after': header }, body: '' }));
    expect(value).toEqual({ ok: true });
    expect(waits).toEqual([ms]);
  });

  test.each(['0', '-5', at(-60_000), 'soon', 'Never', '2 minutes', '1e9'])('of %s is passed over', async (header) => {
    const { value, waits } = await ask(first(1, { status: 503, headers: { 'retry-after': header }, body: '' }));
    expect(value).toEqual({ ok: true });
    expect(waits.every((ms) => ms <= 500)).toBe(true);
  });

  test.each(['86400', at(86_400_000)])('of a day (%s) ends the run, to go on at the next', async (header) => {
    const { error, waits, requests } = await ask(() => ({ status: 429, headers: { 'retry-after': header }, body: '' }));
    expect(error).toBeInstanceOf(OutOfTimeError);
    expect(error).toMatchObject({ exitCode: 6, message: expect.stringContaining('asks to wait 86400 s') });
    expect({ waits, requests: requests.length }).toEqual({ waits: [], requests: 1 });
  });

  test('longer than the time left ends the run', async () => {
    const { error } = await ask(() => ({ status: 503, headers: { 'retry-after': '60' }, body: '' }), {
      remainingMs: () => 61_000,
      reserveMs: 2000,
    });
    expect(error).toBeInstanceOf(OutOfTimeError);
  });

  test('holds back requests that are asked side by side', async () => {
    const { once, ports, requests } = await ask(({ number }) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '40' }, body: '' } : OK,
    );
    const before = ports.clock.ms;
    const asking = once();
    while (requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await asking;
    await once();
    expect(ports.clock.ms - before).toBeGreaterThanOrEqual(40_000);
  });
});

describe('X-RateLimit', () => {
  const limits = (headers: Record<string, string>) => async () => {
    const { once, ports } = await ask(({ number }) => (number === 0 ? { headers, body: '{}' } : OK));
    const before = ports.clock.ms;
    await once();
    return ports.clock.ms - before;
  };
  const nowSeconds = Date.parse('2026-11-01T09:00:00Z') / 1000;

  test.each([
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' }, 7000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(nowSeconds + 9) }, 9000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String((nowSeconds + 9) * 1000) }, 9000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-limit': '60' }, 1000],
    [{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '86400' }, 300_000],
  ])('of %j holds the next request back for %d ms', async (headers, ms) => {
    const waited = await limits(headers)();
    expect(Math.abs(waited - ms)).toBeLessThanOrEqual(2);
  });

  test.each([
    [{ 'x-ratelimit-remaining': '1', 'x-ratelimit-limit': '60' }],
    [{ 'x-ratelimit-remaining': '' }],
    [{ 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '60' }],
    [{ 'x-ratelimit-remaining': '0' }],
    [{}],
  ])('of %j holds nothing back', async (headers) => {
    expect(await limits(headers)()).toBeLessThanOrEqual(2);
  });

  test('that outlasts the time left ends the run before it waits', async () => {
    const { once, ports } = await ask(
      () => ({ headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '200' }, body: '{}' }),
      { remainingMs: () => 100_000, reserveMs: 10_000 },
    );
    const before = ports.clock.ms;
    await expect(once()).rejects.toThrow(OutOfTimeError);
    expect(ports.clock.ms).toBe(before);
  });
});

describe('a refused credential', () => {
  const rotating = () => {
    let reads = 0;
    return { authorize: async () => ({ 'X-API-Key': `${SECRET}-${++reads}` }), reads: () => reads };
  };

  test.each([401, 403])('(%d) is read anew once, and the run goes on with the new one', async (status) => {
    const secret = rotating();
    const { value, requests } = await ask(
      ({ headers }) => (headers['x-api-key'] === `${SECRET}-2` ? OK : { status, body: '{ "error": "Unauthorized", }' }),
      secret,
    );
    expect(value).toEqual({ ok: true });
    expect(requests).toHaveLength(2);
    expect(secret.reads()).toBe(2);
  });

  test.each([401, 403])('(%d) for ever ends with exit 2 and names no secret', async (status) => {
    const secret = rotating();
    const result = await ask(() => ({ status, body: '{ "error": "Unauthorized", }' }), secret);
    expect(result.error).toBeInstanceOf(CredentialsError);
    expect(result.error).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`answered ${status}: the vendor refused the credentials`),
    });
    expect(result.requests).toHaveLength(2);
    expectSilence(result);
  });

  test('met by several requests at once is read anew once', async () => {
    const secret = rotating();
    let rotated = false;
    const { once, requests } = await ask(({ headers }) => {
      const good = headers['x-api-key'] === (rotated ? `${SECRET}-2` : `${SECRET}-1`);
      return good ? OK : { status: 401, body: '{}' };
    }, secret);
    rotated = true;
    const before = requests.length;
    const all = await Promise.all(Array.from({ length: 6 }, once));
    expect(all.map(({ value }) => value)).toEqual(Array.from({ length: 6 }, () => ({ ok: true })));
    expect(secret.reads()).toBe(2);
    expect(requests.length - before).toBe(12);
  });

  test('met by several requests for ever ends them all', async () => {
    const secret = rotating();
    const { once, requests } = await ask(({ number }) => (number === 0 ? OK : { status: 401, body: '{}' }), secret);
    const all = await Promise.allSettled(Array.from({ length: 6 }, once));
    expect(
      all.every(
        ({ status, ...rest }) =>
          status === 'rejected' && (rest as PromiseRejectedResult).reason instanceof CredentialsError,
      ),
    ).toBe(true);
    expect(requests.length).toBeLessThan(40);
  });
});

describe('a connection', () => {
  test('that is refused is tried again and ends with exit 3', async () => {
    const server = await scriptedServer(() => OK);
    await server.close();
    const ports = makePorts();
    const client = createClient({
      bucket: tokenBucket(1000, ports),
      authorize: async () => ({}),
      reserveMs: 0,
      ports,
    });
    const asking = client.ask({ method: 'GET', path: '/calls', url: `${server.url}/calls` }, WHERE, (json) => json);
    await expect(asking).rejects.toThrow('zudu.calls: GET /calls got no answer (ECONNREFUSED); check the network');
    await expect(asking).rejects.toMatchObject({ exitCode: 3 });
    expect(client.requests()).toBe(8);
  });

  test.each([
    ['is reset', (response: import('node:http').ServerResponse) => response.socket?.resetAndDestroy()],
    ['is closed before an answer', (response: import('node:http').ServerResponse) => response.socket?.destroy()],
    [
      'is cut within the body',
      (response: import('node:http').ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"name":"Jane Doe"');
        setTimeout(() => response.socket?.destroy(), 5);
      },
    ],
  ])('that %s is tried again', async (_how, act) => {
    const result = await ask(first(2, (response) => void act(response)));
    expect(result.value).toEqual({ ok: true });
    expect(result.requests).toHaveLength(3);
    expectSilence(result);
  });

  test('is given up at once when the run is interrupted', async () => {
    const stop = new AbortController();
    const { once } = await ask(({ number }) => (number === 0 ? OK : () => setTimeout(() => stop.abort(), 10)), {
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
    ['of a bomb', () => gzipSync(Buffer.alloc(200 * MIB, 32), { level: 1 }), { 'content-encoding': 'gzip' }],
  ])('of more than 32 MiB, %s, is refused once it is that long', async (_what, make, headers) => {
    const body = make();
    const before = process.memoryUsage.rss();
    const result = await ask(() => ({ headers: headers as Record<string, string>, body }));
    expect(result.error).toBeInstanceOf(ContractError);
    expect(result.error?.message).toBe('zudu.calls: GET /calls/{id}: the answer is larger than 32 MiB');
    expect(result.requests).toHaveLength(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MIB);
  });

  test('of just less is read', async () => {
    const { value } = await ask(() => ({ body: `"${'a'.repeat(31 * MIB)}"` }));
    expect(String(value)).toHaveLength(31 * MIB);
  });

  test('with a byte order mark, or compressed, is read as what it is', async () => {
    expect((await ask(() => ({ body: '\ufeff{"ok":true}' }))).value).toEqual({ ok: true });
    const body = gzipSync('{"ok":true}');
    expect((await ask(() => ({ headers: { 'content-encoding': 'gzip' }, body }))).value).toEqual({ ok: true });
  });
});

test('an answer the reader does not take is asked for again, and the reader’s words are kept', async () => {
  const { client, url, requests } = await ask(() => OK);
  const question = { method: 'GET' as const, path: '/calls', url };
  let reads = 0;
  const pickAt = (read: number) => () => {
    reads += 1;
    if (reads < read) throw new ContractError('the list is missing');
    return 'read';
  };
  await expect(client.ask(question, WHERE, pickAt(3))).resolves.toMatchObject({ value: 'read' });
  expect(requests).toHaveLength(4);
  await expect(client.ask(question, WHERE, pickAt(99))).rejects.toThrow('zudu.calls: GET /calls: the list is missing');
  expect(requests).toHaveLength(12);
  // What is no failure of the vendor's is no reason to ask again.
  const bug = () => {
    throw new TypeError('a bug');
  };
  await expect(client.ask(question, WHERE, bug)).rejects.toThrow(TypeError);
  expect(requests).toHaveLength(13);
});

test('a request asks for JSON, and sends no more than its headers', async () => {
  const { requests } = await ask(() => OK);
  expect(requests[0]?.headers).toMatchObject({ accept: 'application/json', 'x-api-key': SECRET });
  expect(requests[0]?.headers['content-type']).toBeUndefined();
  expect(requests[0]?.method).toBe('GET');
});
