import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerFault, type FaultDraw } from './faults.ts';
import { markServed } from './ledger.ts';
import { type LoopbackServer, listenOnLoopback } from './listen-on-loopback.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { FaultKind, RequestKind, SimRequest } from './simulator-types.ts';
import type { Vendor } from './vendor.ts';
import type { ApiAnswer, ApiRequest, VendorApi } from './vendor-api.ts';
import type { World } from './world.ts';

const SLOW_MS = 250;

/** What a vendor's server needs besides its API. */
export interface ServerSettings {
  readonly vendor: Vendor;
  readonly api: VendorApi;
  readonly world: World;
  readonly faults: FaultDraw;
  readonly port: number;
  readonly rateLimit: number | undefined;
  readonly log: SimRequest[];
}

/** What went over the wire, for the log. */
interface Outcome {
  readonly status: number;
  readonly kind: RequestKind;
  readonly fault?: FaultKind;
}

/** Serves one vendor's API on 127.0.0.1. */
export async function serveVendor(settings: ServerSettings): Promise<LoopbackServer> {
  const limit = settings.rateLimit === undefined ? undefined : createRateLimit(settings.rateLimit);
  const server = createServer((message, response) => {
    answerRequest(settings, limit, message, response).catch(() => response.destroy());
  });
  // The default of 5 s would cut a client's kept-alive socket just as it is used again.
  server.keepAliveTimeout = 60_000;
  return listenOnLoopback(server, settings.port);
}

async function answerRequest(
  settings: ServerSettings,
  limit: RateLimit | undefined,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await readRequest(message);
  const outcome = await answer(settings, limit, request, response);
  settings.log.push({
    vendor: settings.vendor,
    method: request.method,
    path: request.path,
    query: Object.fromEntries(request.query),
    body: request.body,
    at: Date.now(),
    ...outcome,
  });
}

async function answer(
  settings: ServerSettings,
  limit: RateLimit | undefined,
  request: ApiRequest,
  response: ServerResponse,
): Promise<Outcome> {
  if (settings.vendor === 'kalem' && limit !== undefined) limit.writeHeaders(response);
  if (limit?.isOver()) {
    if (settings.vendor === 'kalem') response.setHeader('Retry-After', '1');
    send(response, 429, 'application/json', '{"message":"Too Many Attempts."}');
    return { status: 429, kind: 'unknown' };
  }
  const fault = settings.faults.draw(`${settings.vendor} ${request.path}?${request.query}`);
  if (fault === undefined) return sendAnswer(settings, request, response);
  if (fault === 'slow') {
    await sleep(SLOW_MS);
    return { ...sendAnswer(settings, request, response), fault };
  }
  const wrong = answerFault(fault, settings.vendor);
  const { kind, body } = settings.api(request);
  if (wrong !== undefined) {
    send(response, wrong.status, wrong.contentType, wrong.body);
    return { status: wrong.status, kind, fault };
  }
  if (fault === 'cut') return { status: await sendCut(response, body), kind, fault };
  response.socket?.destroy();
  return { status: 0, kind, fault };
}

function sendAnswer(settings: ServerSettings, request: ApiRequest, response: ServerResponse): Outcome {
  const { vendor, world } = settings;
  const { status, kind, body, served = [], servedIn = 'all' }: ApiAnswer = settings.api(request);
  for (const record of served) markServed(record, world.nowMs, servedIn);
  send(response, status, vendor === 'solum' ? 'application/json' : 'application/json; charset=utf-8', body);
  return { status, kind };
}

function send(response: ServerResponse, status: number, contentType: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Announces the length of the body and sends half of it. */
async function sendCut(response: ServerResponse, body: string | Buffer): Promise<number> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  await new Promise<void>((resolve) => response.write(bytes.subarray(0, bytes.length >> 1), () => resolve()));
  response.socket?.destroy();
  return 200;
}

async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '/', 'http://simulator');
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
