import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';

/** A request as the server received it. */
export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** How many requests came before it. */
  readonly number: number;
}

/** An answer: a JSON body, a complete answer, or a function that writes the response. */
export type ScriptedAnswer =
  | { readonly json: unknown; readonly status?: never }
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Buffer;
    }
  | ((response: ServerResponse) => void);

/** A server on loopback that sends the scripted answers; it closes when the test ends. */
export async function scriptedServer(answer: (request: ScriptedRequest) => ScriptedAnswer) {
  const requests: ScriptedRequest[] = [];
  const server = createServer((message, response) => {
    let body = '';
    message.setEncoding('utf8');
    message.on('data', (text: string) => {
      body += text;
    });
    message.on('end', () => {
      const url = new URL(message.url ?? '/', 'http://scripted');
      const request = {
        method: message.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: message.headers,
        body,
        number: requests.length,
      };
      requests.push(request);
      send(response, answer(request));
    });
  });
  server.keepAliveTimeout = 60_000;
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { url, requests, close };
}

function send(response: ServerResponse, answer: ScriptedAnswer): void {
  if (typeof answer === 'function') {
    answer(response);
    return;
  }
  if ('json' in answer) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.json));
    return;
  }
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  response.end(answer.body);
}
