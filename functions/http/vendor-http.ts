import { once } from 'node:events';
import type { Agent, IncomingMessage } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { ContractError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { readProxy } from './proxy-settings.ts';
import type { VendorAnswer, VendorRequest } from './vendor-answer.ts';

/** From Node 22 on, an `import` would load all of `fetch` too: 25 ms and 14 MB. */
const http = process.getBuiltinModule('node:http');

/** How connections to vendors are made. */
export interface VendorHttpOptions {
  /** Authorities to trust in place of those of this machine, in PEM. @default those of Node, and of `NODE_EXTRA_CA_CERTS` */
  readonly ca?: string;
}

/** Time to make a connection. */
const CONNECT_MS = 10_000;
/** Connections are kept for further requests, idle for this long at most, and shorter if the server says so. They keep no process alive. */
const POOL = { keepAlive: true, timeout: 4000, highWaterMark: 65_536 };

/**
 * Sends requests to vendors, through the proxy of `HTTPS_PROXY` unless `NO_PROXY` lists the host. Node's `fetch` costs twice the CPU.
 * @throws ConfigError if `HTTPS_PROXY` is wrong
 */
export function vendorHttp(
  env: Readonly<Record<string, string | undefined>>,
  { ca }: VendorHttpOptions = {},
): Ports['fetch'] {
  const proxy = readProxy(env);
  const plain = new http.Agent(POOL);
  // Nobody but the vendor may read credentials and health data, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says.
  const tls = { rejectUnauthorized: true, ...(ca !== undefined && { ca }) };
  const direct = new TlsAgent({ ...POOL, ...tls });
  const tunneled = new TlsAgent(POOL);
  if (proxy)
    tunneled.createConnection = ({ host, port }, callback) => {
      const target = { host: host ?? '', port: Number(port), tls };
      import('./proxy-tunnel.ts')
        .then(({ openTunnel }) => openTunnel(proxy, target))
        .then(
          (socket) => callback?.(null, socket),
          (error: Error) => callback?.(error, undefined as never),
        );
      return undefined;
    };
  return async (address, request) => {
    const url = new URL(address);
    const secure = proxy?.serves(url) ? tunneled : direct;
    const message = await send(url, request, url.protocol === 'http:' ? plain : secure);
    return { status: message.statusCode ?? 0, headers: headersOf(message), body: await bodyOf(message) };
  };
}

/** @returns the answer when its head has come */
function send(url: URL, { method, headers, body, signal }: VendorRequest, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = (agent instanceof TlsAgent ? requestHttps : http.request)(url, {
      ...{ agent, method, timeout: CONNECT_MS, joinDuplicateHeaders: true },
      headers: { ...headers, 'accept-encoding': 'gzip, deflate, br' },
    });
    let answer: IncomingMessage | undefined;
    request.once('response', (message) => {
      answer = message;
      // Whoever reads the body sees the error.
      message.on('error', () => {});
      resolve(message);
    });
    request.on('error', (error) => {
      reject(error);
      if (!answer?.complete) answer?.destroy(error);
    });
    // The connection is open, and the caller limits how long it may be silent.
    request.on('timeout', () => {
      if (request.socket?.connecting) request.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
    });
    // Such as an answer that changes the protocol.
    request.once('close', () => {
      if (!answer) reject(Object.assign(new Error('no answer'), { code: 'ECONNRESET' }));
    });
    signal.addEventListener(
      'abort',
      () => {
        // Without a connection, the request would end when its tunnel does.
        reject(signal.reason);
        (answer ?? request).destroy(signal.reason);
      },
      { once: true },
    );
    // A request that is written before the end of a handshake hides the cause of its failure behind EPROTO.
    request.once('socket', (socket) => {
      if (socket instanceof TLSSocket && !socket.authorized) socket.once('secureConnect', () => request.end(body));
      else request.end(body);
    });
  });
}

function headersOf({ headers }: IncomingMessage): VendorAnswer['headers'] {
  return {
    get: (name) => headers[name]?.toString() ?? null,
    has: (name) => headers[name] !== undefined,
    keys: () => Object.keys(headers),
  };
}

/** The body as it was before its compression. @throws ContractError if it is compressed more than once */
async function bodyOf(message: IncomingMessage): Promise<Readable> {
  const encoding = message.headers['content-encoding']?.toLowerCase() ?? '';
  if (encoding.includes(',')) {
    message.destroy();
    throw new ContractError('the answer is compressed more than once; expected at most one content-encoding');
  }
  const decoder = await decoderOf(encoding.trim(), message);
  return decoder ? pipeline(message, decoder, () => {}) : message;
}

/** As in `fetch`, the last block may lack its end. Small pieces would each be a task of the thread pool. */
const chunkSize = 65_536;
const ZLIB = { chunkSize, flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { chunkSize, flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

async function decoderOf(encoding: string, message: IncomingMessage): Promise<Transform | undefined> {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip(ZLIB);
  if (encoding === 'br') return createBrotliDecompress(BROTLI);
  if (encoding !== 'deflate') return undefined;
  // Some servers leave out the head that belongs to it, of which the low half of the first byte is 8.
  const first = await firstByteOf(message);
  return first === undefined || (first & 15) === 8 ? createInflate(ZLIB) : createInflateRaw(ZLIB);
}

async function firstByteOf(message: IncomingMessage): Promise<number | undefined> {
  if (message.errored) throw message.errored;
  if (message.readableLength === 0 && !message.complete) await once(message, 'readable');
  const head: Buffer | null = message.read(1);
  if (head) message.unshift(head);
  return head?.[0];
}
