import { onTestFinished } from 'vitest';
import { extractAccount } from '../../functions/extract/extract-account.ts';
import { load } from '../../functions/load/load.ts';
import type { Store } from '../../functions/ports.ts';
import type { ExtractResult } from '../../functions/results.ts';
import { parseSettings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source/source.ts';
import { HOUR_MS } from '../../functions/time.ts';
import { memoryStore } from '../../local/lake/memory-store.ts';
import { commitsOf } from './fold-staged.ts';
import { makePorts, type TestPortsOptions } from './ports.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { noLog, testWarehouse } from './warehouse.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');

/** A call of the vendor, and what it shows of it alone. */
export interface DetailedCall {
  readonly id: string;
  /** How long ago it began. @default the number in its id */
  readonly minutesAgo?: number;
  readonly opt_out?: boolean;
  readonly note?: string;
  readonly status?: string;
  /** Of `postbox`: cost, transcript and turns. Of `capped`: notes. */
  details: Readonly<Record<string, unknown>> | undefined;
}

/** The vendors `postbox` and `capped` of `test/fixtures/sources/`. What they serve may be changed while they run. */
export interface DetailsVendor {
  calls: DetailedCall[];
  /** Answers a request for details in place of the usual answer. */
  answer?: ((id: string) => ScriptedAnswer | undefined) | undefined;
}

/** Id of the call whose details are requested. */
function idOf({ method, path, body }: ScriptedRequest): string | undefined {
  if (path === '/v3/get-call') return JSON.parse(body).call_id;
  const [, id] = /^\/v1\/calls\/([^/]+)\/notes$/.exec(path) ?? [];
  return method === 'GET' && id !== undefined ? decodeURIComponent(id) : undefined;
}

function answerOf(vendor: DetailsVendor, request: ScriptedRequest): ScriptedAnswer {
  const id = idOf(request);
  if (id !== undefined) {
    const { details } = vendor.calls.find((call) => call.id === id) ?? {};
    return vendor.answer?.(id) ?? (details ? { json: details } : { status: 404, body: '{}' });
  }
  const listed = vendor.calls.map(({ details: _details, minutesAgo, ...call }) => ({
    started_at: AT / 1000 - (minutesAgo ?? Number(call.id.slice(1))) * 60,
    opt_out: false,
    ...call,
  }));
  if (request.path === '/v3/list-calls') {
    const { limit, pagination_key: key = '0' } = JSON.parse(request.body);
    const end = Number(key) + limit;
    const items = listed.slice(Number(key), end);
    const more = end < listed.length;
    return { json: { items, total: listed.length, has_more: more, pagination_key: more ? String(end) : undefined } };
  }
  const { page, per_page: size } = request.query;
  const begin = (Number(page) - 1) * Number(size);
  const next = begin + Number(size) < listed.length ? 'https://elsewhere.example/next' : null;
  const meta = { current_page: Number(page), total: listed.length, next_page_link: next };
  return { json: { calls: listed.slice(begin, begin + Number(size)), meta } };
}

/** How a run is done. */
interface DetailsRun extends TestPortsOptions {
  readonly onVendorRemoval?: 'blank';
  readonly commitEveryMs?: number;
  /** @default 1, so that requests are in order */
  readonly partitionsAtOnce?: number;
  readonly streams?: readonly string[];
  readonly window?: { readonly from: Date; readonly to: Date };
}

/** A vendor with details, a lake, and runs at the given hours after the first. */
export async function detailsWorld(source: Source, calls: DetailedCall[], stream: string) {
  const vendor: DetailsVendor = { calls };
  const server = await scriptedServer((request) => answerOf(vendor, request));
  const env = Object.fromEntries(source.credentials.map((name) => [name, 'access-1']));
  const id = { source: source.name, account: 'default', stream };
  const store = memoryStore();
  const run = async (hours: number, { onVendorRemoval, commitEveryMs, ...options }: DetailsRun = {}) => {
    const before = server.requests.length;
    const { streams, window, partitionsAtOnce = 1, ...ports } = options;
    const settings = parseSettings(
      { sources: { [source.name]: { maxRps: 1000, baseUrl: server.url } }, onVendorRemoval },
      'test',
    );
    const at = new Date(AT + hours * HOUR_MS);
    const own = makePorts({ store, env, clock: { ms: at.getTime() }, ...ports });
    const tuning = { partitionsAtOnce, ...(commitEveryMs === undefined ? {} : { commitEveryMs }) };
    const request = {
      account: 'default',
      at,
      settings,
      tuning,
      ...(streams && { streams }),
      ...(window && { window }),
    };
    const result: ExtractResult = await extractAccount(source, request, own);
    const asked = server.requests.slice(before).flatMap((one) => idOf(one) ?? []);
    const details = result.streams.find((one) => one.stream === stream);
    return {
      exitCode: result.exitCode,
      error: details?.error ?? '',
      details,
      asked,
      lines: own.lines,
      streams: result.streams,
    };
  };
  return { vendor, server, store, run, commits: () => commitsOf(store, id) };
}

/** A DuckDB file that a lake in memory is loaded into. */
export async function detailsWarehouse(source: Source, objects: Store) {
  const warehouse = testWarehouse(await temporaryFolder());
  const engine = warehouse.open();
  onTestFinished(() => engine.close());
  const streams = Object.entries(source.streams).map(([stream, { tables }]) => ({
    source: source.name,
    stream,
    tables,
  }));
  const plan = { streams, accounts: { [source.name]: ['default'] } };
  return {
    async load() {
      for await (const key of objects.list('')) {
        const body = await objects.get(key);
        if (body) await warehouse.store.put(key, body, { replace: true });
      }
      const result = await load(plan, { store: warehouse.store, engine, log: noLog, now: Date.now });
      if (result.exitCode !== 0) throw new Error(result.error);
    },
    rowsOf: async (sql: string) => (await engine.query(sql)).rows,
  };
}
