import { setImmediate } from 'node:timers/promises';
import type { extractAccount } from '../../../functions/extract/extract-account.ts';
import { vendorFetch } from '../../../functions/http/vendor-fetch.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import type { Credentials, Ports } from '../../../functions/ports.ts';
import type { StreamResult } from '../../../functions/results.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import type { KnownRecord, Source, SourceContext, Stream } from '../../../functions/source/source.ts';
import { HOUR_MS, MINUTE_MS } from '../../../functions/time.ts';
import { valueAtPath } from '../../../schemas/json-text.ts';
import { memoryStore } from '../../lake/memory-store.ts';
import { commitsOf, committedRows, keyText, type Row } from './committed-rows.ts';
import { type FakeVendor, startFakeVendor, TOKEN_PATH } from './fake-vendor.ts';
import { type MadeList, type MadeRecord, madeList } from './made-list.ts';
import { makeRecord, ownPath } from './make-record.ts';

/** Records of a page, so that few records make several pages. */
export const PAGE_SIZE = 4;
/** Records of a page of a full scan, where the vendor documents larger ones. */
const LARGEST_PAGE = 2 * PAGE_SIZE;
/** Records of each list of the stream that is checked: full pages of either size, and a part of one. */
export const LIST_SIZE = 18;
/** Records of each list of a stream that has one list per record of another: a full page, and a part of one. */
const SHORT_LIST = PAGE_SIZE + 2;
/** Lists of a stream that is checked, at most. */
const MOST_LISTS = 2;
const BEGIN = Date.parse('2026-11-01T09:00:00Z');
const ACCOUNT = 'default';

/** Extracts one account; tests replace it to see that a case can fail. */
export type Extract = typeof extractAccount;

/** The stream that is checked. */
export interface Subject {
  readonly source: Source;
  readonly stream: string;
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
export async function openWorld({ source: declared, stream: name, extract }: Subject): Promise<World> {
  const source = smallPages(declared);
  const credentials = madeCredentials(source);
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

function madeCredentials({ credentials, options = [], streams }: Source): Credentials {
  const inPaths = options.filter((name) => Object.values(streams).some(({ path }) => path.includes(`{${name}}`)));
  return Object.fromEntries([...credentials, ...inPaths].map((name) => [name, `made-${name.toLowerCase()}`]));
}

/** Lists of the stream, and of those before it that may list its partitions. */
function makeLists(source: Source, checked: string, options: Credentials): readonly MadeList[] {
  const lists: MadeList[] = [];
  const recordsOf: SourceContext['recordsOf'] = (name) => knownIn(lists.find((list) => list.name === name));
  const target = source.streams[checked];
  const large = target?.kind === 'details' ? target.parent : checked;
  for (const [name, stream] of Object.entries(source.streams)) {
    const isOther = name !== checked && (!isMade(stream) || stream.kind === 'details');
    if (isOther) continue;
    const list = madeList(name, stream, () => [...(stream.partitions?.({ recordsOf, options }) ?? [WHOLE_STREAM])]);
    lists.push(list);
    const parents = stream.kind === 'details' ? lists.find((one) => one.name === stream.parent) : undefined;
    if (parents) addDetails(list, parents);
    else fill(list, name !== large ? MOST_LISTS : stream.kind === 'per-parent' ? SHORT_LIST : LIST_SIZE);
    if (name === checked) break;
  }
  return lists;
}

/** Child records of each record, if its details are a list. */
const CHILDREN = 2;

/** Makes the details of the records that have none. */
function addDetails(list: MadeList, parents: MadeList): void {
  const { stream, records } = list;
  const before = new Set(records.map(({ partition }) => partition));
  const own = stream.kind === 'details' && stream.isList ? CHILDREN : 1;
  for (const [place, { n: parent, at }] of parents.records.entries()) {
    const { id: partition = '', context = {} } = list.partitions()[place] ?? {};
    for (let n = parent * CHILDREN; !before.has(partition) && n < parent * CHILDREN + own; n += 1)
      records.push({ n, at, partition, context, json: makeRecord(stream, { n, at }) });
  }
}

/** True if answers of the stream can be made from its declaration. */
export function isMade(stream: Stream): boolean {
  if (stream.kind === 'details') return true;
  return stream.kind !== 'daily' && stream.read === undefined && stream.tables[0].explode === undefined;
}

function fill(list: MadeList, size: number): void {
  const own = list.partitions().filter(({ sweepOnly }) => !sweepOnly);
  // Of days, two are the shortest window, so that a few records must be on each.
  const step = list.stream.window?.as === 'day' ? 12 * HOUR_MS : HOUR_MS;
  for (let n = 0; n < size * own.length; n += 1) addRecord(list, BEGIN - (n + 1) * step);
}

function addRecord(list: MadeList, at: number): MadeRecord {
  const { records, partitions, stream } = list;
  const n = Math.max(0, ...records.map((one) => one.n)) + 1;
  const own = partitions().filter(({ sweepOnly }) => !sweepOnly);
  const { id } = own[n % own.length] ?? WHOLE_STREAM;
  const record = { n, at, partition: id, json: makeRecord(stream, { n, at }) };
  const place = records.findIndex((one) => one.at < at);
  records.splice(place === -1 ? records.length : place, 0, record);
  return record;
}

function knownIn(list: MadeList | undefined): ReadonlyMap<string, KnownRecord> {
  const known = list?.records.map((one): [string, KnownRecord] => [
    keyOf(list, one),
    { contentHash: '', partOn: 0, firstSeenAt: 0, group: one.partition },
  ]);
  return new Map(known ?? []);
}

function keyOf({ stream, partitions }: MadeList, { json, partition, context: own }: MadeRecord): string {
  const [{ key, columns }] = stream.tables;
  const context = own ?? partitions().find(({ id }) => id === partition)?.context ?? {};
  const values = key.map((name) => {
    const column = columns[name];
    const path = column && ownPath(column);
    const value = path === undefined ? context[column?.paths[0]?.slice(1) ?? ''] : valueAtPath(json, path.split('.'));
    return column?.transform ? column.transform(value) : value;
  });
  return keyText(values);
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
    fetch: vendorFetch({}),
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
