import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { oauth2 } from '../../../functions/source/auth.ts';
import { askOnce, OK } from '../../helpers/ask-client.ts';
import { rawServer } from '../../helpers/raw-server.ts';

const TEXT = JSON.stringify({ ok: true, text: 'ä'.repeat(50_000) });
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}';

function encoded(name: string, body: Buffer) {
  return { headers: { 'content-type': 'application/json', 'content-encoding': name }, body };
}

/** Answers of a server that writes them itself, to one request and a second one. */
async function askTwice(answer: (socket: Socket, number: number) => void) {
  const server = await rawServer(answer);
  const asked = await askOnce(() => OK, { origin: server.url, fetch: vendorHttp({}) });
  const again = () => asked.once().then(({ value }) => value);
  return { ...asked, server, again };
}

/** One request, which is aborted on demand. */
function startRequest(url: string) {
  const stop = new AbortController();
  const reason = new Error('stopped');
  const answered = vendorHttp({})(url, { method: 'GET', headers: {}, signal: stop.signal });
  const bytes = answered.then(async ({ body }) => {
    let length = 0;
    for await (const chunk of body ?? []) length += chunk.byteLength;
    return length;
  });
  return { answered, bytes, stop: () => stop.abort(reason), reason };
}

describe('a compressed body', () => {
  test.each([
    ['gzip', gzipSync(TEXT)],
    ['X-Gzip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    // Without its checksum.
    ['gzip', gzipSync(TEXT).subarray(0, -8)],
    ['identity', Buffer.from(TEXT)],
  ])('is read: %s', async (name, body) => {
    expect((await askOnce(() => encoded(name, body))).value).toEqual(JSON.parse(TEXT));
  });

  test.each(['gzip', 'br', 'deflate'])('of no bytes is empty: %s', async (name) => {
    const { error } = await askOnce(() => encoded(name, Buffer.alloc(0)));
    expect(error?.message).toContain('answered 200 with an empty body');
  });

  test('that is cut is no JSON, or a closed connection', async () => {
    const body = gzipSync(TEXT).subarray(0, -20);
    expect((await askOnce(() => encoded('gzip', body))).error?.message).toContain('that is not JSON');
    const cut = await askTwice((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9999\r\n\r\n');
      socket.end(body);
    });
    expect(cut.error?.message).toContain('(ECONNRESET)');
    expect(cut.client.requests()).toBe(8);
  });

  test.each(['gzip', 'br'])('that grows larger is left at 32 MiB, with its connection: %s', async (name) => {
    const zeros = Buffer.alloc(1 << 26);
    const bomb =
      name === 'br'
        ? brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
        : Buffer.concat(Array(16).fill(gzipSync(zeros)));
    let closed = 0;
    const { error } = await askTwice((socket) => {
      socket.on('close', () => {
        closed += 1;
      });
      socket.write(`HTTP/1.1 200 OK\r\nContent-Encoding: ${name}\r\nContent-Length: 999999999\r\n\r\n`);
      socket.write(bomb);
    });
    expect(error?.message).toContain('the answer is larger than 32 MiB');
    await vi.waitFor(() => expect(closed).toBe(1));
  });
});

test('a body that is compressed more than once is left, with its connection', async () => {
  const { error, server } = await askTwice((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 999\r\n\r\n');
  });
  expect(error?.message).toContain('the answer is compressed more than once');
  await vi.waitFor(() => expect([...server.sockets][0]?.destroyed).toBe(true));
});

describe('connections', () => {
  test('serve one request after the other', async () => {
    const { value, again, server } = await askTwice((socket) => void socket.write(ANSWER));
    expect(value).toEqual({ ok: true });
    expect(await again()).toEqual({ ok: true });
    expect(server.connections()).toBe(1);
  });

  test('that a server closes at the moment of a further request are made again', async () => {
    const { again, server, client } = await askTwice((socket, number) =>
      number === 0 ? void socket.write(ANSWER) : void socket.destroy(),
    );
    expect(await again()).toEqual({ ok: true });
    expect(client.requests()).toBe(3);
    expect(server.heads).toHaveLength(3);
  });

  test('are not used again where the server keeps them for a second, or says too much', async () => {
    const short = await askTwice(
      (socket) => void socket.write(ANSWER.replace('\r\n', '\r\nKeep-Alive: timeout=1\r\n')),
    );
    await short.again();
    expect(short.server.connections()).toBe(2);
    const { value, again, server } = await askTwice((socket) => void socket.write(`${ANSWER}${ANSWER}`));
    expect([value, await again()]).toEqual([{ ok: true }, { ok: true }]);
    expect(server.connections()).toBe(2);
  });

  test('are closed after 4 s without a request, and keep no process alive', async () => {
    let closedAt = 0;
    const server = await rawServer((socket) => {
      socket.on('close', () => {
        closedAt = performance.now();
      });
      socket.write(ANSWER);
    });
    await startRequest(server.url).bytes;
    const answeredAt = performance.now();
    const script = `import { vendorHttp } from './functions/http/vendor-http.ts';
      const { body } = await vendorHttp({})('${server.url}', { method: 'GET', headers: {}, signal: new AbortController().signal });
      for await (const chunk of body) console.log(performance.now(), chunk.length);
      process.on('exit', () => console.log(performance.now()));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += text;
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    const [readAt = Number.NaN, , endedAt] = printed.split(/\s/).map(Number);
    expect(endedAt).toBeLessThan(readAt + 2000);
    const own = [...server.sockets][0];
    await vi.waitFor(() => expect(own?.destroyed).toBe(true), 10_000);
    expect(closedAt - answeredAt).toBeGreaterThan(2000);
    expect(closedAt - answeredAt).toBeLessThan(8000);
  }, 30_000);
});

describe('an answer', () => {
  test('with the same header twice has both values', async () => {
    const server = await rawServer(
      (socket) => void socket.write(ANSWER.replace('\r\n', '\r\nRetry-After: 1\r\nretry-after: 2\r\n')),
    );
    const { headers } = await startRequest(server.url).answered;
    expect([headers.get('retry-after'), headers.has('retry-after')]).toEqual(['1, 2', true]);
    expect([headers.get('x-b'), headers.has('x-b')]).toEqual([null, false]);
  });

  test('after others that only announce it is read', async () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n';
    expect((await askTwice((socket) => void socket.write(`${early}${ANSWER}`))).value).toEqual({ ok: true });
  });

  test('that is longer than it says ends where it says', async () => {
    expect((await askTwice((socket) => void socket.write(`${ANSWER}, and more`))).value).toEqual({ ok: true });
  });

  test('in chunks may have headers after them', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"ok":true}\r\n0\r\nX-Sum: 1\r\n\r\n';
    expect((await askTwice((socket) => void socket.write(chunked))).value).toEqual({ ok: true });
  });

  test.each([
    [
      'changes the protocol',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      'ECONNRESET',
    ],
    ['has a NUL in a header', ANSWER.replace('\r\n', '\r\nX-A: a\0b\r\n'), 'HPE_INVALID_HEADER_TOKEN'],
    ['has a head of 20 kB', ANSWER.replace('\r\n', `\r\nX-A: ${'a'.repeat(20_000)}\r\n`), 'HPE_HEADER_OVERFLOW'],
    [
      'has a chunk of no size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"ok":true}\r\nzz\r\n',
      'HPE_INVALID_CHUNK_SIZE',
    ],
  ])('that %s is told by its code, and requested again', async (_what, text, code) => {
    const { error, client } = await askTwice((socket) => void socket.write(text));
    expect(error?.message).toContain(`(${code})`);
    expect(client.requests()).toBe(8);
  });
});

describe('an abort', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n';
  test.each([
    ['before the head', ''],
    ['in the head', HEAD],
    ['before the body', `${HEAD}\r\n`],
    ['in the body', `${HEAD}\r\n{`],
    ['before a body of deflate', `${HEAD}Content-Encoding: deflate\r\n\r\n`],
    ['in a compressed body', Buffer.concat([Buffer.from(`${HEAD}Content-Encoding: gzip\r\n\r\n`), gzipSync('{')])],
  ])('%s closes the connection', async (_when, text) => {
    let closed = 0;
    const server = await rawServer((socket) => {
      socket.on('close', () => {
        closed += 1;
      });
      socket.write(text);
    });
    const { bytes, stop, reason } = startRequest(server.url);
    const failed = expect(bytes).rejects.toBe(reason);
    await vi.waitFor(() => expect(server.heads).toHaveLength(1));
    setTimeout(stop, 20);
    await failed;
    await vi.waitFor(() => expect(closed).toBe(1));
  });

  test('before the connection sends nothing, and after the end harms none', async () => {
    const server = await rawServer((socket) => void socket.write(ANSWER));
    const early = startRequest(server.url);
    early.stop();
    await expect(early.bytes).rejects.toBe(early.reason);
    const aborted = { method: 'GET', headers: {}, signal: AbortSignal.abort(early.reason) };
    await expect(vendorHttp({})(server.url, aborted)).rejects.toBe(early.reason);
    const late = startRequest(server.url);
    await expect(late.bytes).resolves.toBe(11);
    late.stop();
    expect(server.heads).toHaveLength(1);
    expect([...server.sockets].at(-1)?.destroyed).toBe(false);
  });
});

test('a request has the headers that it needs, and no others', async () => {
  const { requests } = await askOnce(({ path }) => (path === '/t' ? { json: { access_token: 't' } } : OK), {
    auth: oauth2({ tokenUrl: '/t', client: ['ID', 'SECRET'] }),
    readCredentials: async () => ({ ID: 'id', SECRET: 's' }),
  });
  const names = requests.map(({ headers }) => Object.keys(headers).sort());
  const all = ['accept', 'accept-encoding', 'authorization', 'connection', 'host', 'user-agent'];
  expect(names).toEqual([[...all, 'content-length', 'content-type'].sort(), all]);
  expect(requests[0]?.headers['content-length']).toBe(String(requests[0]?.body.length));
  expect(requests[1]?.headers['accept-encoding']).toBe('gzip, deflate, br');
});
