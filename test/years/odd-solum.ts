import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { DAY_MS } from '../../functions/time.ts';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';
import { forwardRequest } from '../helpers/forward-request.ts';

/** Solum, between the stage and its simulator, so that it may go wrong in ways that are well-formed. */
export interface OddSolum {
  readonly url: string;
  /** It lists the calls of the last day only, as if it had lost the others. */
  isThin: boolean;
  /** Its numbers are texts, which do not fit their columns. */
  isGarbled: boolean;
  close(): Promise<void>;
}

/** Fields that are garbled, none of which is a key or an instant. */
const NUMBERS = /"(duration_min|sessions_scheduled)":\s*-?\d+(\.\d+)?/g;

/**
 * Starts it.
 * @param behind origin of the simulator
 * @param now the vendor's clock
 */
export async function startOddSolum(behind: string, now: () => Date): Promise<OddSolum> {
  const server = createServer((request, response) => void forward(request, response));
  const state: OddSolum = { ...(await listenOnLoopback(server)), isThin: false, isGarbled: false };

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', behind);
    if (state.isThin) thin(url, now().getTime() - DAY_MS);
    const answer = await forwardRequest(request, url);
    const text = await answer.text();
    const type = answer.headers.get('content-type') ?? 'application/json';
    const body = state.isGarbled ? text.replace(NUMBERS, '"$1":"unknown"') : text;
    response.writeHead(answer.status, { 'content-type': type }).end(body);
  }

  return state;
}

/** Asks for calls since that instant, ms, or since the one that is asked for if it is later. */
function thin({ searchParams: query }: URL, since: number): void {
  const asked = Date.parse(query.get('started_gte') ?? '');
  if (asked >= since) return;
  query.set('started_gte', new Date(since).toISOString());
}
