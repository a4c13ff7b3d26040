import type { IncomingMessage } from 'node:http';

/** Sends a request on to another server with its method, headers and body. @param url where to, with path and query */
export async function forwardRequest(request: IncomingMessage, url: string | URL): Promise<Response> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  return fetch(url, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(pieces.length > 0 ? { body: Buffer.concat(pieces) } : {}),
  });
}
