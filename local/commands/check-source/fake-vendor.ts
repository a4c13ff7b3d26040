import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Credentials } from '../../../functions/ports.ts';
import { type Auth, headerText } from '../../../functions/source/auth.ts';
import { listenOnLoopback } from '../../simulators/listen-on-loopback.ts';
import { type DecodedRequest, decodeRequest, type WireRequest } from './decode-request.ts';
import { encodeAnswer, encodeDetails, type MadePage } from './encode-answer.ts';
import { type MadeList, pageOf, tokensOf } from './made-list.ts';

/** Path of the token request of a made vendor with OAuth 2. */
export const TOKEN_PATH = '/check-source/token';
/** More pages of one list than this are not understood. */
const MOST_PAGES = 40;

/** A request for a page of the stream that is checked. */
export interface PageAsked extends DecodedRequest {
  /** How many came before it. */
  readonly number: number;
}

/** What a case does to a request: another answer, or another page. */
export type Intervention =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly change: (page: MadePage) => MadePage };

/** The made vendor. A case changes its lists and sets `intervene` while it runs. */
export interface FakeVendor {
  readonly url: string;
  /** Lists of the streams, in the order of the declaration; the last one is checked. */
  readonly lists: readonly MadeList[];
  readonly asked: PageAsked[];
  /** Requests that the declaration cannot make, or whose credentials are wrong. */
  readonly faults: string[];
  intervene: ((asked: PageAsked) => Intervention | undefined) | undefined;
  /** Requests that came while `intervene` was set, and those of them that it answered. */
  readonly played: { readonly asked: number; readonly answered: number };
  close(): Promise<void>;
}

/** What a made vendor serves. */
export interface FakeVendorOptions {
  readonly lists: readonly MadeList[];
  readonly auth: Auth;
  readonly credentials: Credentials;
}

/** Serves lists on 127.0.0.1 in the form that the source declares. */
export async function startFakeVendor({ lists, auth, credentials }: FakeVendorOptions): Promise<FakeVendor> {
  const vendor = {
    lists,
    asked: [] as PageAsked[],
    faults: [] as string[],
    intervene: undefined as FakeVendor['intervene'],
    played: { asked: 0, answered: 0 },
  };
  const access = { given: 0 };
  const answer = (request: WireRequest): Reply => {
    if (auth.kind === 'oauth2' && request.path === TOKEN_PATH) return giveAccess(access);
    if (!isAuthorized(request, auth, { credentials, given: access.given })) return { status: 401, json: {} };
    return answerPage(vendor, credentials, request);
  };
  const server = createServer((message, response) => {
    readRequest(message)
      .then((request) => send(response, answer(request)))
      .catch(() => response.destroy());
  });
  const { url, close } = await listenOnLoopback(server);
  return Object.assign(vendor, { url, close });
}

interface Reply {
  readonly status: number;
  readonly json: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

function giveAccess(access: { given: number }): Reply {
  access.given += 1;
  return { status: 200, json: { access_token: `access-${access.given}`, token_type: 'bearer', expires_in: 3600 } };
}

function isAuthorized(
  { headers }: WireRequest,
  auth: Auth,
  { credentials, given }: { readonly credentials: Credentials; readonly given: number },
): boolean {
  const of = (name: string) => credentials[name] ?? '';
  if (auth.kind === 'headers')
    return Object.entries(auth.headers).every(
      ([header, text]) => headers[header.toLowerCase()] === headerText(text, credentials),
    );
  if (auth.kind === 'bearer') return headers.authorization === `Bearer ${of(auth.token)}`;
  if (auth.kind === 'oauth2') return headers.authorization === `Bearer access-${given}`;
  return headers.authorization === `Basic ${Buffer.from(`${of(auth.user)}:${of(auth.password)}`).toString('base64')}`;
}

type AnsweringVendor = Pick<FakeVendor, 'lists' | 'asked' | 'faults' | 'intervene'> & {
  readonly played: { asked: number; answered: number };
};

function answerPage(vendor: AnsweringVendor, options: Credentials, request: WireRequest): Reply {
  for (const list of vendor.lists) {
    const { stream, partitions } = list;
    const mostPages = stream.pageSize === 0 ? 1 : MOST_PAGES;
    const askable = { stream, partitions: partitions(), tokens: tokensOf(list), mostPages, options };
    const decoded = decodeRequest(askable, request);
    if (decoded) return list === vendor.lists.at(-1) ? checkedReply(vendor, list, decoded) : reply(list, decoded);
  }
  vendor.faults.push(`${request.method} that no page of a stream is requested with`);
  return { status: 400, json: {} };
}

function checkedReply(vendor: AnsweringVendor, list: MadeList, decoded: DecodedRequest): Reply {
  const asked = { ...decoded, number: vendor.asked.length };
  vendor.asked.push(asked);
  const intervention = vendor.intervene?.(asked);
  if (vendor.intervene) vendor.played.asked += 1;
  if (intervention) vendor.played.answered += 1;
  if (intervention && 'status' in intervention) return { ...intervention, json: {} };
  return reply(list, decoded, intervention?.change);
}

function reply(list: MadeList, decoded: DecodedRequest, change = (page: MadePage) => page): Reply {
  const page = pageOf(list, decoded);
  if (!page) return { status: 400, json: { message: 'the token has expired' } };
  // A variant of another form is not made: the stream's own form is what all variants share unless they say otherwise.
  const { stream } = list;
  const made = change(page);
  const isDetails = stream.kind === 'details';
  const json = isDetails ? encodeDetails(stream.declared.answer ?? {}, made.records) : encodeAnswer(stream, made);
  return { status: 200, json };
}

function send(response: ServerResponse, { status, json, headers = {} }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(json));
}

async function readRequest(message: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://fake');
  const { method = 'GET', headers } = message;
  return { method, path: pathname, query: searchParams, headers, body: Buffer.concat(chunks).toString('utf8') };
}
