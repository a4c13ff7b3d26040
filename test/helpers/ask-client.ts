import { expect } from 'vitest';
import { createClient } from '../../functions/http/client.ts';
import { requestPacer } from '../../functions/http/pacing.ts';
import { type Auth, headers } from '../../functions/source/auth.ts';
import { makePorts, type TestPortsOptions } from './ports.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

export const WHERE = { source: 'zudu', account: 'default', stream: 'calls' };
export const SECRET = 'sk_very_secret';
export const OK: ScriptedAnswer = { json: { ok: true } };

/** A client of a server that answers by number. */
export async function askOnce(
  answer: (request: ScriptedRequest) => ScriptedAnswer,
  options: TestPortsOptions & {
    readonly auth?: Auth;
    readonly readCredentials?: () => Promise<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly retry?: readonly number[];
    readonly reserveMs?: number;
    /** Requests per second. @default 1000 */
    readonly rps?: number;
    /** Origin of the vendor. @default the scripted server */
    readonly origin?: string;
    /** Path of the base URL. @default none */
    readonly prefix?: string;
    /** Where tokens are requested, in place of the declared address. */
    readonly tokenUrl?: string;
  } = {},
) {
  const server = await scriptedServer(answer);
  const ports = makePorts({
    random: () => 0.5,
    ...options,
    clock: { ms: Date.parse('2026-11-01T09:00:00Z'), ...options.clock },
  });
  const client = createClient({
    pacer: requestPacer(options.rps ?? 1000, { now: ports.now, sleep: (ms) => ports.sleep(ms, ports.signal) }),
    auth: options.auth ?? headers({ 'X-API-Key': 'ZUDU_API_KEY' }),
    readCredentials: options.readCredentials ?? (async () => ({ ZUDU_API_KEY: SECRET })),
    baseUrl: `${server.url}${options.prefix ?? ''}`,
    tokenUrl: options.tokenUrl,
    retry: options.retry,
    headers: options.headers,
    credentials: 'ZUDU_API_KEY, ZUDU_API_SECRET',
    reserveMs: () => options.reserveMs ?? 0,
    ports,
  });
  const question = {
    method: 'GET' as const,
    path: '/calls/{id}',
    url: `${options.origin ?? server.url}/calls/patient-77?phone=%2B15551234567`,
  };
  const once = () => client.request(question, WHERE, (json) => json);
  const result = await once().then(
    (value) => ({ value: value.value, error: undefined }),
    (error: Error) => ({ value: undefined, error }),
  );
  const waits = ports.clock.waits.filter((ms) => ms >= 2);
  return { ...result, ...server, ports, client, once, waits };
}

/** An answer to the first requests, and a good one after them. */
export const first =
  (count: number, answer: ScriptedAnswer) =>
  ({ number }: ScriptedRequest) =>
    number < count ? answer : OK;

/** Expects that no part of a body, an address or a header is in a message or a log line. */
export function expectSilence({ error, ports }: { error: Error | undefined; ports: ReturnType<typeof makePorts> }) {
  const said = `${error?.message} ${JSON.stringify(ports.lines)}`;
  for (const text of [SECRET, 'patient-77', '15551234567', '127.0.0.1', 'Jane Doe']) expect(said).not.toContain(text);
}
