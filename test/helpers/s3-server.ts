import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';

/** A fault with which the server answers a request. `lost` does the work, then closes the socket. */
export type S3Fault =
  | { readonly status: number; readonly code: string; readonly message?: string }
  | 'lost'
  | 'reset'
  | 'cut';

/** A request as the server received it. */
export interface S3Request {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** A server that speaks the part of the S3 protocol that a store needs. */
export interface S3Server {
  readonly url: string;
  readonly requests: S3Request[];
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  /** What was replaced or deleted, by `bucket/key`, as a bucket with versions keeps it. */
  readonly earlier: Map<string, Buffer[]>;
  /** Faults of the next requests, one each; `undefined` answers a request normally. */
  faults: (S3Fault | undefined)[];
  close(): Promise<void>;
}

/** Keys in one answer to a list request, as on S3. */
const PAGE = 1000;

/** Starts an empty server on a free port of 127.0.0.1; every bucket name exists. */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const earlier = new Map<string, Buffer[]>();
  const requests: S3Request[] = [];
  const server = createServer((request, response) => void serve(request, response));
  const state: S3Server = {
    ...(await listenOnLoopback(server)),
    objects,
    earlier,
    requests,
    faults: [],
  };
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://s3');
    const body = await readAll(request);
    const key = decodeURIComponent(pathname.slice(1));
    requests.push({ method: request.method ?? '', key, query, headers: request.headers });
    const fault = state.faults.shift();
    if (fault === 'reset') {
      response.destroy();
      return;
    }
    if (typeof fault === 'object') {
      sendError(response, fault.status, fault.code, fault.message);
      return;
    }
    if (fault === 'lost') {
      answer({ objects, earlier }, request, { key, query, body }, new Nowhere() as unknown as ServerResponse);
      response.destroy();
      return;
    }
    answer({ objects, earlier }, request, { key, query, body }, response, fault === 'cut');
  }
  return state;
}

interface Asked {
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

function answer(
  { objects, earlier }: Pick<S3Server, 'objects' | 'earlier'>,
  request: IncomingMessage,
  asked: Asked,
  response: ServerResponse,
  cut = false,
): void {
  const { key, query, body } = asked;
  const held = objects.get(key);
  const { method = '', headers } = request;
  const keepHeld = () => held && earlier.set(key, [...(earlier.get(key) ?? []), held]);
  if (method === 'GET' && query.has('versions')) sendVersions(response, earlier, key, query);
  else if (method === 'GET' && query.get('list-type') === '2') sendList(response, objects, key, query);
  else if (method === 'GET' && held) sendObject(response, held, { cut, range: headers.range });
  else if (method === 'GET') sendError(response, 404, 'NoSuchKey');
  else if (method === 'DELETE') {
    const version = query.get('versionId');
    if (version === null) {
      keepHeld();
      objects.delete(key);
    } else deleteVersion(earlier, key, version);
    response.writeHead(204).end();
  } else if (method === 'POST' && query.has('delete')) {
    deleteVersions(earlier, key, body.toString());
    response.writeHead(200, { 'content-type': 'application/xml' }).end('<DeleteResult></DeleteResult>');
  } else if (method !== 'PUT') sendError(response, 405, 'MethodNotAllowed');
  else if (headers['content-length'] !== String(body.byteLength)) sendError(response, 400, 'IncompleteBody');
  else if (headers['if-none-match'] === '*' && held) sendError(response, 412, 'PreconditionFailed');
  else if (headers['if-match'] !== undefined && !held) sendError(response, 404, 'NoSuchKey');
  else if (held && ![undefined, tagOf(held)].includes(headers['if-match']))
    sendError(response, 412, 'PreconditionFailed');
  else {
    keepHeld();
    objects.set(key, body);
    response.writeHead(200, { etag: tagOf(body) }).end();
  }
}

function tagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

function deleteVersion(earlier: S3Server['earlier'], key: string, version: string): void {
  const bodies = earlier.get(key) ?? [];
  earlier.set(
    key,
    bodies.map((body, n) => (String(n) === version ? NOTHING : body)),
  );
}

function deleteVersions(earlier: S3Server['earlier'], bucket: string, xml: string): void {
  for (const [object] of xml.matchAll(/<Object>.*?<\/Object>/gs)) {
    const key = /<Key>(.*?)<\/Key>/.exec(object)?.[1] ?? '';
    const version = /<VersionId>(.*?)<\/VersionId>/.exec(object)?.[1] ?? '';
    deleteVersion(earlier, `${bucket.replace(/\/$/, '')}/${key}`, version);
  }
}

interface Sending {
  readonly cut: boolean;
  readonly range: string | undefined;
}

function sendObject(response: ServerResponse, held: Buffer, { cut, range }: Sending): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  if (first !== undefined && Number(first) >= held.byteLength) {
    sendError(response, 416, 'InvalidRange');
    return;
  }
  const body = first === undefined ? held : held.subarray(Number(first), Number(last) + 1);
  const status = first === undefined ? 200 : 206;
  const type = { 'content-type': 'application/octet-stream', etag: tagOf(held) };
  response.writeHead(status, { 'content-length': body.byteLength, ...type });
  if (cut) response.write(body.subarray(0, body.byteLength / 2), () => response.destroy());
  else response.end(body);
}

function sendList(
  response: ServerResponse,
  objects: Map<string, Buffer>,
  bucket: string,
  query: URLSearchParams,
): void {
  const name = bucket.replace(/\/$/, '');
  const prefix = `${name}/${query.get('prefix') ?? ''}`;
  const after = `${name}/${query.get('continuation-token') ?? query.get('start-after') ?? ''}`;
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(prefix) && key > after)
    .sort()
    .map((key) => key.slice(name.length + 1));
  const page = keys.slice(0, PAGE);
  const more = keys.length > page.length;
  const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${contents}</ListBucketResult>`);
}

/** A version that was deleted; the others keep their numbers. */
const NOTHING = Buffer.alloc(0);

function sendVersions(
  response: ServerResponse,
  earlier: S3Server['earlier'],
  bucket: string,
  query: URLSearchParams,
): void {
  const name = bucket.replace(/\/$/, '');
  const prefix = `${name}/${query.get('prefix') ?? ''}`;
  const versions = [...earlier].filter(([key]) => key.startsWith(prefix));
  const listed = versions.flatMap(([key, bodies]) =>
    bodies.flatMap((body, n) =>
      body === NOTHING
        ? []
        : `<Version><Key>${key.slice(name.length + 1)}</Key><VersionId>${n}</VersionId><IsLatest>false</IsLatest></Version>`,
    ),
  );
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(`<ListVersionsResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListVersionsResult>`);
}

function sendError(response: ServerResponse, status: number, code: string, message = 'as asked'): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

/** A response that is discarded. */
class Nowhere {
  writeHead(): this {
    return this;
  }
  end(): void {}
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
