import { setImmediate } from 'node:timers/promises';
import type { extractAccount } from '../../../functions/extract/extract-account.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import type { Credentials, Ports } from '../../../functions/ports.ts';
import type { StreamResult } from '../../../functions/results.ts';
import { parseSettings } from '../../../functions/settings.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { HOUR_MS, MINUTE_MS } from '../../../functions/time.ts';
import { memoryStore } from '../../lake/memory-store.ts';
import { commitsOf, committedRows, type Row } from './committed-rows.ts';
import { type FakeVendor, startFakeVendor, TOKEN_PATH } from './fake-vendor.ts';
import type { MadeList, MadeRecord } from './made-list.ts';
import { addDetails, addRecord, BEGIN, keyOf, makeLists, PAGE_SIZE } from './make-lists.ts';

/** Records of a page of a full scan, where the vendor documents larger ones. */
const LARGEST_PAGE = 2 * PAGE_SIZE;
const ACCOUNT = 'default';

/** Extracts one account; tests replace it to see that a case can fail. */
export type Extract = typeof extractAccount;

/** The stream that is checked. */
export interface Subject {
  readonly source: Source;
  readonly stream: string;
  /** Values of its credentials and options. */
  readonly credentials: Credentials;
  readonly extract: Extract;
}

/** A made vendor, an empty lake, and a clock. */
export interface World {
  readonly vendor: FakeVendor;
  /** The list of the stream that is checked. */
  readonly list: MadeList;
  readonly stream: Stream;
  /** The list of the records, if the stream has their details. */
  readonly parents: MadeList | undefined;
  /** Runs the source this many hours after the first run. */
  run(hours: number, options?: RunOptions): Promise<StreamResult>;
  /** The latest row of each key. */
  rows(): Promise<ReadonlyMap<string, Row>>;
  /** Columns whose values were refused, with the kind. */
  rejects(): Promise<readonly string[]>;
  /** The key that the row of a record has. */
  keyOf(record: MadeRecord): string;
  /** Makes a record, which is newer than all others if `at` is not given, and lists it. */
  add(at?: number): MadeRecord;
  close(): Promise<void>;
}

/** How a run is done. */
export interface RunOptions {
  /** Commits after each page, so that a cut costs little. */
  readonly commitsEachPage?: boolean;
}

/** Starts a vendor that is made from the declaration, with records of the stream. */
export async function openWorld({ source: declared, stream: name, credentials, extract }: Subject): Promise<World> {
  const source = smallPages(declared);
  const lists = makeLists(source, name, credentials);
  const list = lists.at(-1);
  if (!list) throw new Error(`no stream ${name}`);
  const { stream } = list;
  const parents = stream.kind === 'details' ? lists.find((one) => one.name === stream.parent) : undefined;
  const vendor = await startFakeVendor({ lists, auth: source.auth, credentials });
  const ports = portsOf(credentials);
  const settings = parseSettings({ sources: { [source.name]: { maxRps: 1000, baseUrl: vendor.url } } }, 'check-source');
  const streams = lists.map((one) => one.name);
  const id = { source: source.name, account: ACCOUNT, stream: name };
  const [table] = list.stream.tables;
  return {
    ...{ vendor, list, stream, parents },
    async run(hours, { commitsEachPage = false } = {}) {
      const tuning = commitsEachPage ? { commitEveryMs: 0 } : {};
      const at = new Date(BEGIN + hours * HOUR_MS);
      const result = await extract(source, { account: ACCOUNT, at, settings, streams, tuning }, ports);
      return result.streams.find(({ stream }) => stream === name) ?? notRun(name, result);
    },
    rows: async () => committedRows(ports, await commitsOf(ports, id), table),
    rejects: async () =>
      (await commitsOf(ports, id)).flatMap(({ rejects }) =>
        rejects.map(({ column, reason }) => `${column}: ${reason}`),
      ),
    keyOf: (record) => keyOf(list, record),
    add(at) {
      const listed = parents ?? list;
      const record = addRecord(listed, at ?? (listed.records[0]?.at ?? BEGIN) + MINUTE_MS);
      if (parents) addDetails(list, parents);
      return record;
    },
    close: vendor.close,
  };
}

function notRun(stream: string, { streams, error, exitCode }: Awaited<ReturnType<Extract>>): StreamResult {
  const nothing = { requests: 0, records: 0, changed: 0, deleted: 0, rejected: 0 };
  const why = error ?? streams.find((one) => one.error !== undefined)?.error ?? 'the stream was not run';
  return { ...nothing, stream, status: 'failed', error: why, exitCode: exitCode === 0 ? 4 : exitCode };
}

/** Fewer than the records of a list, so that a read meets the cap. */
const CAP = 12;

/** A stream with small pages, and with a small cap if it has one. */
function smallStream(stream: Stream): Stream {
  const { window, largestPage, pageSize } = stream;
  if (pageSize === 0) return stream;
  return {
    ...stream,
    pageSize: PAGE_SIZE,
    ...(largestPage !== undefined && { largestPage: LARGEST_PAGE }),
    ...(window?.cap !== undefined && { window: { ...window, cap: CAP } }),
  };
}

/** The source with small pages, whose tokens for access come from the made vendor too. */
function smallPages(source: Source): Source {
  const streams = Object.entries(source.streams).map(([name, stream]): [string, Stream] => [name, smallStream(stream)]);
  const auth = source.auth.kind === 'oauth2' ? { ...source.auth, tokenUrl: TOKEN_PATH } : source.auth;
  return { ...source, auth, streams: Object.fromEntries(streams) };
}

/** Ports of a clock that only waits move, and of a store in memory. */
function portsOf(credentials: Credentials): Ports {
  const clock = { ms: BEGIN, draws: 1 };
  return {
    ...nodePorts,
    store: memoryStore(),
    secrets: { read: async () => credentials, describe: (_source, _account, names) => names.join(', ') },
    parquet: hyparquetWriter(),
    hashKey: async () => 'key of a check, at least 32 characters',
    fetch: vendorHttp({}),
    log: () => {},
    now: () => clock.ms,
    random: () => {
      clock.draws = (Math.imul(clock.draws, 1_664_525) + 1_013_904_223) >>> 0;
      return clock.draws / 2 ** 32;
    },
    sleep: async (ms) => {
      clock.ms += ms;
      await setImmediate();
    },
    process: { host: 'check-source', pid: process.pid, born: 'check-source', isGone: () => true },
    remainingMs: () => Number.POSITIVE_INFINITY,
  };
}
