import type { Table } from '../../schemas/table.ts';
import { CallhouseError, DeclarationError } from '../errors.ts';
import { checkBaseUrl } from '../http/send.ts';
import { durationMs } from '../time.ts';
import { credentialsOf } from './auth.ts';
import { checkDetails } from './check-details.ts';
import { checkHeaders } from './check-headers.ts';
import { checkPaging } from './check-paging.ts';
import { checkOptOut, checkTable } from './check-table.ts';
import { checkWindow } from './check-window.ts';
import { checkDurations, type Fault } from './fault.ts';
import type { PerParentStream, Source, Stream, Tier } from './source.ts';

/** Most faults that one message names. */
const MOST_FAULTS = 5;

/**
 * Checks what a source declares, as far as the declaration alone shows it.
 * @param file that declares it, as messages name it
 * @param name that the file has
 * @throws DeclarationError that names file, stream, field, what was seen and what is expected
 */
export function checkDeclaration(file: string, name: string, declared: unknown): Source {
  if (typeof declared !== 'object' || declared === null || !('streams' in declared) || !('auth' in declared))
    throw new DeclarationError(`${file} declares no source; expected export default defineSource({ … })`);
  const source = declared as Source;
  const faults = [...findFaults(source, name)].slice(0, MOST_FAULTS);
  if (faults.length === 0) return source;
  const lines = faults.map(({ at, seen, expected }) => `${at}: ${seen}; expected ${expected}`);
  throw new DeclarationError(`${file}: ${lines.join(' | ')}. Other sources are not affected`);
}

function* findFaults(source: Source, name: string): Iterable<Fault> {
  const { streams, options = [] } = source;
  if (source.name !== name)
    yield {
      at: 'name',
      seen: `it is ${JSON.stringify(source.name)}`,
      expected: `${JSON.stringify(name)}, the name of the file`,
    };
  yield* guarded('auth', () => checkAddress(source));
  yield* guarded('auth', () => checkCredentials(source, options));
  yield* guarded('headers', () => checkHeaders(source));
  yield* guarded('limits', () => checkLimits(source));
  if (typeof streams !== 'object' || streams === null || Object.keys(streams).length === 0)
    yield { at: 'streams', seen: 'there is none', expected: 'at least one' };
  const before = new Set<string>();
  const tables = new Set<string>();
  for (const [stream, declared] of Object.entries(streams ?? {})) {
    yield* guarded(stream, function* () {
      if (declared.kind === 'collection') yield* checkDetails(stream, declared, source, name);
      if (declared.kind !== 'details') yield* checkStream(stream, declared, { source, file: name, before });
      yield* checkTwice(stream, declared.tables ?? [], tables);
    });
    before.add(stream);
  }
}

function* checkTwice(stream: string, tables: readonly Table[], known: Set<string>): Iterable<Fault> {
  for (const { name } of tables) {
    const at = `${stream}.tables.${name}`;
    if (known.has(name)) yield { at, seen: 'it is declared twice', expected: 'each table in one stream' };
    known.add(name);
  }
}

/** Finds parts of another type than declared, which a file may have that was never type-checked. The other checks would fail on them. */
function* guarded(at: string, check: () => Iterable<Fault>): Iterable<Fault> {
  try {
    yield* check();
  } catch (error) {
    if (error instanceof CallhouseError) throw error;
    const seen = `a part of it has a wrong type (${error instanceof Error ? error.message : 'it throws'})`;
    yield { at, seen, expected: 'the types in functions/source/, which npm run typecheck checks' };
  }
}

function* checkAddress({ baseUrl, auth }: Source): Iterable<Fault> {
  const addresses = [['baseUrl', baseUrl]];
  if (auth.kind === 'oauth2' && !auth.tokenUrl.startsWith('/')) addresses.push(['auth.tokenUrl', auth.tokenUrl]);
  for (const [at = '', text = ''] of addresses) {
    const fixed = at === 'baseUrl' ? text : /^\w+:\/\/[^/]*/.exec(text)?.[0];
    if (fixed?.includes('{'))
      yield {
        at,
        seen: 'nothing fills {…} there',
        expected: 'credentials in the path of auth.tokenUrl and of streams only',
      };
    try {
      checkBaseUrl(text, at, {});
    } catch (error) {
      if (!(error instanceof CallhouseError)) throw error;
      yield {
        at,
        seen: error.message.split(';')[0] ?? '',
        expected: 'an address of https, such as https://api.example.com',
      };
    }
  }
}

function* checkCredentials({ auth }: Source, options: readonly string[]): Iterable<Fault> {
  const kinds = ['headers', 'bearer', 'basic', 'oauth2'];
  if (!kinds.includes(auth.kind)) {
    yield { at: 'auth', seen: 'it is of an unknown kind', expected: `one of ${kinds.join(', ')}` };
    return;
  }
  for (const name of [...credentialsOf(auth), ...options]) {
    if (typeof name !== 'string' || !/^[A-Z][A-Z0-9_]*$/.test(name))
      yield {
        at: 'auth',
        seen: `${JSON.stringify(name)} is not a name of a variable`,
        expected: 'capital letters, digits and _, such as ACME_API_KEY',
      };
  }
}

function* checkLimits({ limits = {} }: Source): Iterable<Fault> {
  for (const field of ['perSecond', 'perMinute'] as const) {
    const rate = limits[field];
    if (rate !== undefined && !(rate > 0 && Number.isFinite(rate)))
      yield { at: `limits.${field}`, seen: 'it is not a rate', expected: 'a number above 0' };
  }
  if (limits.retry?.some((status) => !Number.isInteger(status) || status < 400 || status > 599))
    yield { at: 'limits.retry', seen: 'it has another number', expected: 'statuses from 400 to 599' };
}

interface StreamPlace {
  readonly source: Source;
  /** Name of the file, which the source and its tables must have. */
  readonly file: string;
  /** Streams that are read before this one. */
  readonly before: ReadonlySet<string>;
}

function* checkStream(name: string, stream: Stream, { source, file, before }: StreamPlace): Iterable<Fault> {
  const { tables, pageSize, skipWhenOptionSet } = stream;
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    yield { at: `streams.${name}`, seen: 'it is not a name of a stream', expected: 'lower-case letters, digits and _' };
  if (!Array.isArray(tables) || tables.length === 0) {
    yield {
      at: `${name}.tables`,
      seen: 'there is none',
      expected: 'the table of the records, and those of their children',
    };
    return;
  }
  for (const table of stream.tables) yield* checkTable(table, file, name, joinable(stream));
  yield* checkOptOut(stream.tables, name);
  if (stream.kind !== 'collection' && 'details' in stream)
    yield { at: `${name}.details`, seen: `the stream is ${stream.kind}`, expected: 'a collection' };
  if (!Number.isInteger(pageSize) || pageSize < 0)
    yield { at: `${name}.pageSize`, seen: 'it is not a number of records', expected: '0 or a whole number above it' };
  if (stream.largestPage !== undefined && stream.largestPage % pageSize !== 0)
    yield {
      at: `${name}.largestPage`,
      seen: 'it is not a multiple of pageSize',
      expected: 'a multiple, so that pages begin alike',
    };
  if (skipWhenOptionSet !== undefined && !source.options?.includes(skipWhenOptionSet))
    yield {
      at: `${name}.skipWhenOptionSet`,
      seen: `there is no option ${skipWhenOptionSet}`,
      expected: 'one of options',
    };
  yield* checkWindow(stream, name);
  yield* checkPaging(stream, name);
  yield* checkKind(name, stream, before);
}

/** Tables of details that have one row for each record, so that `calls` may name their columns. */
function joinable(stream: Stream): readonly Table[] {
  const details = stream.kind === 'collection' ? Object.values(stream.details ?? {}) : [];
  return details.flatMap(({ tables, answer }) => (answer?.records === undefined ? (tables?.slice(0, 1) ?? []) : []));
}

function* checkKind(name: string, stream: Stream, before: ReadonlySet<string>): Iterable<Fault> {
  if (stream.kind === 'per-parent') {
    if (!before.has(stream.parent)) yield unread(`${name}.parent`, stream.parent);
    yield* checkAges(name, stream);
  } else if (stream.kind === 'daily') {
    for (const parent of stream.historyFrom) if (!before.has(parent)) yield unread(`${name}.historyFrom`, parent);
    yield* checkTiers(name, stream.tiers);
  } else if (stream.kind === 'collection') {
    if (stream.tiers.length > 0 || !stream.alwaysSweep) yield* checkTiers(name, stream.tiers);
    yield* checkOrder(name, stream.order, stream);
  } else {
    yield { at: `${name}.kind`, seen: 'it is unknown', expected: 'collection, per-parent or daily' };
  }
}

/** Finds ages that do not ascend: they would be reached in another order than they are counted in. */
function* checkAges(name: string, { readAtAges, thenEvery }: PerParentStream): Iterable<Fault> {
  yield* checkDurations(name, { thenEvery });
  for (const [n, age] of readAtAges.entries()) {
    yield* checkDurations(name, { [`readAtAges.${n}`]: age });
    const before = readAtAges[n - 1];
    if (before !== undefined && durationMs(age) <= durationMs(before))
      yield {
        at: `${name}.readAtAges.${n}`,
        seen: `${age} is not greater than ${before}`,
        expected: 'ages that ascend',
      };
  }
}

function unread(at: string, stream: string): Fault {
  return { at, seen: `no stream ${stream} is read before`, expected: 'a stream that is declared above' };
}

function* checkTiers(name: string, tiers: readonly Tier[]): Iterable<Fault> {
  if (tiers.length === 0)
    yield {
      at: `${name}.tiers`,
      seen: 'there is none',
      expected: "at least one, such as { every: '15m', back: '6h' }",
    };
  for (const [n, { every, back }] of tiers.entries()) yield* checkDurations(`${name}.tiers.${n}`, { every, back });
}

/** Finds fields of `order` that no column reads. They are misspelt, and the list would never be read newest first. */
function* checkOrder(name: string, order: readonly string[], { tables: [{ columns }] }: Stream): Iterable<Fault> {
  const known = Object.values(columns).flatMap(({ paths }) => paths);
  for (const field of order) {
    if (!known.includes(field))
      yield {
        at: `${name}.order`,
        seen: `no column reads ${field}`,
        expected: 'a field that a column of the first table reads',
      };
  }
}
