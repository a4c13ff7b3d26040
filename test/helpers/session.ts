import type { PlannedRead } from '../../functions/extract/plan/plan.ts';
import { newRead, type Read, type ReadStrategy } from '../../functions/extract/reads/read.ts';
import { openSession } from '../../functions/extract/session/open-session.ts';
import type { AccountRun, ReadSettings, StreamSession } from '../../functions/extract/session/session.ts';
import { TUNING, type Tuning } from '../../functions/extract/tuning.ts';
import type { HttpClient } from '../../functions/http/client.ts';
import type { HttpRequest } from '../../functions/http/send.ts';
import { headers } from '../../functions/source/auth.ts';
import { type Page, type Partition, WHOLE_STREAM } from '../../functions/source/page.ts';
import { defineSource, type Stream } from '../../functions/source/source.ts';
import { newReadingTime } from '../../functions/time.ts';
import { type MemoryStore, memoryStore } from '../../local/lake/memory-store.ts';
import { id, text, timestamp } from '../../schemas/column.ts';
import { defineTable } from '../../schemas/table.ts';
import { makePorts, type TestPorts } from './ports.ts';
import { siblingsWith } from './siblings.ts';

/** Scheduled time of a unit's session. */
export const UNIT_AT = Date.parse('2026-11-01T09:00:00Z');

/** One table with a key, an instant and a text. */
export const unitTable = defineTable({
  name: 'unit_calls',
  source: 'unit',
  doc: 'One row per call.',
  key: ['id'],
  partOn: 'at',
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});

/** A request as the client of a unit test receives it. */
export interface UnitRequest {
  readonly page: number;
  readonly partition: string;
  readonly request: HttpRequest;
}

/** An answer: a parsed page, or an error to throw. */
export type UnitAnswer = (request: UnitRequest) => unknown;

/** Options of a unit test's session; each has a default. */
export interface UnitOptions {
  readonly stream?: Partial<Stream>;
  /** @default an empty page */
  readonly answer?: UnitAnswer | undefined;
  readonly at?: number;
  readonly clock?: () => number;
  readonly settings?: Partial<ReadSettings>;
  readonly tuning?: Partial<Tuning>;
  readonly ports?: TestPorts;
  readonly store?: MemoryStore;
  readonly siblings?: AccountRun['siblings'];
  readonly removal?: AccountRun['removal'];
  readonly window?: AccountRun['window'];
}

/** A client that calls a function instead of the network. */
export function unitClient(answer: UnitAnswer): HttpClient & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  return {
    asked,
    requests: () => asked.length,
    hasTime: () => true,
    async request(request, _context, read) {
      const url = new URL(request.url);
      const [partition, page] = [url.searchParams.get('partition') ?? '', Number(url.searchParams.get('page'))];
      asked.push(`${partition}/${page}`);
      const body = await answer({ page, partition, request });
      if (body instanceof Error) throw body;
      return { value: read(body), bytes: Buffer.from(JSON.stringify(body)) };
    },
  };
}

/** A collection whose answers are already parsed pages. */
export const unitStream: Stream = {
  kind: 'collection',
  tables: [unitTable],
  path: '/calls',
  pageSize: 2,
  order: ['at'],
  tiers: [{ every: '15m', back: '6h' }],
  ask: ({ page, partition }) => ({ query: { page, partition: partition.id } }),
  read: (body) => body as Page,
};

/** A session of one stream whose client calls a function instead of the network. */
export async function unitSession(options: UnitOptions = {}) {
  const { at = UNIT_AT, answer = () => ({ records: [] }) } = options;
  const stream = { ...unitStream, ...options.stream } as Stream;
  const store = options.store ?? memoryStore();
  const clock = options.clock ?? (() => at);
  const ports = options.ports ?? makePorts({ store, clock: { ms: at } });
  const client = unitClient(answer);
  const run: AccountRun = {
    source: defineSource({
      name: 'unit',
      baseUrl: 'https://unit.example',
      auth: headers({ 'x-unit-key': 'UNIT_KEY' }),
      streams: { calls: stream },
    }),
    account: 'default',
    baseUrl: 'https://unit.example',
    at,
    runId: 'run-1',
    ports,
    client,
    hashKey: 'k'.repeat(32),
    tuning: { ...TUNING, ...options.tuning },
    settings: { tiers: undefined, sweepEvery: '3d', historyDay: undefined, ...options.settings },
    removal: options.removal ?? 'delete',
    window: options.window,
    ...{ clock, startedClock: clock(), readingTime: newReadingTime(clock) },
    unswept: new Set(),
    checkLease: async () => {},
    erased: undefined,
    siblings: options.siblings ?? siblingsWith(),
    whyUnlisted: () => undefined,
  };
  const session: StreamSession = await openSession(run, 'calls', stream);
  return { session, client, ports, store, stream };
}

/** A record of {@link unitTable} that began the given minutes before the session's scheduled time. */
export function unitRecord(id: string, minutesAgo = 0, note = 'n') {
  return { id, at: new Date(UNIT_AT - minutesAgo * 60_000).toISOString(), note };
}

/** A partition of a unit's stream. */
export const unitPartition = (id: string): Partition => ({ id, context: {} });

/** A read without a strategy of its own. */
export function unitRead(
  session: StreamSession,
  plan: Partial<PlannedRead> = {},
  strategy: Partial<ReadStrategy> = {},
): Read {
  const full: PlannedRead = { kind: 'sweep', partitions: [WHOLE_STREAM], tiers: [], ...plan };
  return newRead(session, full, { partitionDone() {}, conclude() {}, ...strategy });
}
