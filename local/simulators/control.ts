import { createServer } from 'node:http';
import type { SimStream } from './ledger-types.ts';
import { type LoopbackServer, listenOnLoopback } from './listen-on-loopback.ts';
import type { Simulators } from './simulator-types.ts';
import type { Vendor } from './vendor.ts';
import { HOUR_MS } from './world.ts';

const LISTS: readonly (readonly [Vendor, SimStream])[] = [
  ['kismet', 'organization_users'],
  ['kismet', 'calls'],
  ['kismet', 'call_audit_logs'],
  ['kismet', 'daily_call_metrics'],
  ['solum', 'calls'],
  ['zudu', 'calls'],
  ['kalem', 'calls'],
];

/** Serves `/_sim/advance`, `/_sim/state`, `/_sim/faults` and `/_sim/drift` on 127.0.0.1; port 0 takes a free one. */
export async function startControl(simulators: Simulators, port = 0): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://control');
    const answer = control(simulators, `${request.method} ${url.pathname}`, url.searchParams);
    response.writeHead(answer.status, { 'Content-Type': 'application/json' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  return listenOnLoopback(server, port);
}

function control(simulators: Simulators, action: string, query: URLSearchParams): { status: number; body: unknown } {
  if (action === 'GET /_sim/state') return { status: 200, body: describeState(simulators) };
  const name = action === 'POST /_sim/advance' ? 'hours' : 'rate';
  const number = Number(query.get(name) ?? Number.NaN);
  if (!['POST /_sim/advance', 'POST /_sim/faults', 'POST /_sim/drift'].includes(action)) {
    return { status: 404, body: { error: 'no such control' } };
  }
  if (!(number >= 0)) return { status: 400, body: { error: `${name} is not a number of 0 or more` } };
  if (name === 'hours') simulators.advance(number * HOUR_MS);
  else if (action === 'POST /_sim/faults') simulators.setFaults(number === 0 ? undefined : { rate: number });
  else simulators.setDrift(number);
  return { status: 200, body: describeState(simulators) };
}

function describeState({ ledger, now, requests }: Simulators): object {
  const counts = LISTS.map(([vendor, stream]) => {
    const entries = [...ledger.entries(vendor, stream).values()];
    return [`${vendor}.${stream}`, entries.filter((entry) => entry.removedAt === null).length];
  });
  return { now: now().toISOString(), requests: requests.length, records: Object.fromEntries(counts) };
}
