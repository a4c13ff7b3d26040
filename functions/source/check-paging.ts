import type { Fault } from './fault.ts';
import { type Partition, WHOLE_STREAM } from './page.ts';
import { type Answer, type Ask, otherPaging, type Paging, type Paths } from './paging.ts';
import type { Stream } from './source.ts';

/** Finds what is wrong in how a stream's pages are requested and read. @param place of the stream, for the faults */
export function* checkPaging(stream: Stream, place: string): Iterable<Fault> {
  yield* checkOne(stream, { stream, paging: stream, place });
  const names = new Set(['first']);
  for (const [n, { name, ...other }] of (stream.otherwise ?? []).entries()) {
    const at = `${place}.otherwise.${n}`;
    if (name !== undefined && names.has(name))
      yield { at: `${at}.name`, seen: `there is a variant ${name} before it`, expected: 'a name of its own' };
    if (name !== undefined) names.add(name);
    yield* checkOne(other, { stream, paging: otherPaging(stream, other), place: at });
  }
}

interface Checked {
  readonly stream: Stream;
  /** The declaration with what it leaves out. */
  readonly paging: Paging;
  readonly place: string;
}

function* checkOne(own: Partial<Paging>, { stream, paging, place }: Checked): Iterable<Fault> {
  const { path, firstPage, answer } = own;
  if ((own === paging || path !== undefined) && (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)))
    yield { at: `${place}.path`, seen: 'it is not a path', expected: 'a text such as /v1/calls, without a query' };
  if (firstPage !== undefined && firstPage !== 0 && firstPage !== 1)
    yield { at: `${place}.firstPage`, seen: 'it is another number', expected: '0 or 1' };
  for (const [, name = ''] of stream.partitions ? [] : (path ?? '').matchAll(/\{(\w*)\}/g)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name))
      yield {
        at: `${place}.path`,
        seen: `nothing fills {${name}}`,
        expected: 'partitions with params, or a credential such as {NAME}',
      };
  }
  yield* checkReaders(own, { stream, place });
  if (answer) yield* checkAnswer(answer, `${place}.answer`);
  yield* checkAsk(stream, paging, place);
}

/** Checks that only one part of the declaration says how an answer is read. */
function* checkReaders(
  { answer, days, read }: Partial<Paging>,
  { stream, place }: Pick<Checked, 'stream' | 'place'>,
): Iterable<Fault> {
  const given = Object.entries({ answer, days, read }).flatMap(([name, value]) => (value ? [name] : []));
  if (given.length > 1)
    yield { at: `${place}.${given.at(-1)}`, seen: `there is also ${given[0]}`, expected: 'one of the two' };
  if (!days) return;
  const at = `${place}.days`;
  if (stream.kind !== 'daily') yield { at, seen: `the stream is ${stream.kind}`, expected: 'a stream of kind daily' };
  const known = Object.values(stream.tables[0].columns).flatMap(({ paths }) => paths);
  for (const field of [days.day, ...days.figures]) {
    if (!known.includes(field))
      yield { at, seen: `no column reads ${field}`, expected: 'fields that columns of the first table read' };
  }
}

const FIELDS = ['records', 'next', 'more', 'pages', 'link', 'page', 'total', 'filters', 'failed'];
const PATH = /^(?:\.|[^.\s]+(?:\.[^.\s]+)*)$/;

function* checkAnswer(answer: Answer, at: string): Iterable<Fault> {
  for (const name of Object.keys(answer)) {
    if (!FIELDS.includes(name))
      yield { at: `${at}.${name}`, seen: 'it is unknown', expected: `one of ${FIELDS.join(', ')}` };
  }
  const { failed, next, ...paths } = answer;
  if (failed !== undefined && typeof failed !== 'function')
    yield { at: `${at}.failed`, seen: 'it is not a function', expected: 'a function of the body' };
  if (paths.records === undefined)
    yield { at: `${at}.records`, seen: 'it is missing', expected: 'the path of the list of records' };
  const inNext = typeof next === 'object' && !Array.isArray(next) ? pathsIn(next as object) : { next: next as Paths };
  for (const [name, value] of Object.entries({ ...paths, ...inNext })) {
    for (const path of [value ?? []].flat()) {
      if (typeof path !== 'string' || !PATH.test(path))
        yield { at: `${at}.${name}`, seen: 'it is not a path', expected: 'names joined by dots, such as meta.total' };
    }
  }
}

function pathsIn(next: object): Readonly<Record<string, Paths>> {
  if ('link' in next) return { 'next.link': next.link as Paths };
  return 'last' in next ? { 'next.last': next.last as Paths } : {};
}

const SAMPLE: Ask = { size: 50, page: 1, next: undefined, from: undefined, to: undefined, partition: WHOLE_STREAM };

/** True if the end of a window changes the request of a page. */
export function asksForEnd(ask: Paging['ask'], partition: Partition): boolean {
  const made = (to: string | undefined) => textOf(ask, { ...SAMPLE, partition, to });
  return made('to') !== made(undefined);
}

/** Makes requests that must differ, and compares them: a page that is never requested is never read. */
function* checkAsk(
  { pageSize, window, partitions }: Stream,
  { ask, answer, read }: Paging,
  place: string,
): Iterable<Fault> {
  const at = `${place}.ask`;
  if (typeof ask !== 'function') {
    yield { at, seen: 'it is not a function', expected: 'a function that returns { query } or { body }' };
    return;
  }
  // A partition of the stream may have what this function reads, and none is known yet.
  const made = (change: Partial<Ask>) => textOf(ask, { ...SAMPLE, ...change });
  const first = made({});
  if (first === undefined) {
    if (!partitions) yield { at, seen: 'it fails, or returns no request', expected: '{ query } or { body }' };
    return;
  }
  const byToken = answer?.next !== undefined;
  const isPaged = pageSize !== 0 && !(read && made({ page: 2, next: 'token' }) !== first);
  if (isPaged && made(byToken ? { next: 'token' } : { page: 2 }) === first)
    yield {
      at,
      seen: 'it requests each page in the same way',
      expected: byToken
        ? 'next in the request'
        : `page in the request${made({ next: 'token' }) === first ? '' : ', or answer.next, without which next is never given'}`,
    };
  yield* checkGaps(ask, window, at);
  for (const name of namesAsked(window)) {
    if (made({ [name]: name }) === first)
      yield {
        at,
        seen: 'it requests each window in the same way',
        expected: `${name} in the request, because window is declared`,
      };
  }
}

/** The windows that requests are made for: none, one with a begin, one with an end, and one with both. */
function windowsAsked(window: Stream['window']): readonly Partial<Ask>[] {
  const both = { from: 'from', to: 'to' };
  if (!window) return [{}];
  if (window.longest === undefined) return [...(window.required ? [] : [{}]), { from: 'from' }, { to: 'to' }, both];
  return window.required ? [both] : [{}, both];
}

/** What is undefined is left out, but in a list it would be sent as null, and in a text as `undefined`. */
function* checkGaps(ask: Paging['ask'], window: Stream['window'], at: string): Iterable<Fault> {
  for (const asked of windowsAsked(window)) {
    const gap = gapIn(requestOf(ask, { ...SAMPLE, ...asked }));
    if (gap === undefined) continue;
    const given = Object.keys(asked).join(' and ') || (window ? 'neither from nor to' : 'no next');
    yield {
      at,
      seen: `with ${given} given, ${gap}`,
      expected:
        'another value, or none: the first page has no next, a read of what is new only from, the first one neither',
    };
    return;
  }
}

function gapIn(value: unknown): string | undefined {
  if (typeof value === 'string' && /(?<![a-z_])(?:undefined|NaN)(?![a-z_]|[A-Z][a-z])/.test(value))
    return 'a text of the request has an undefined value';
  if (typeof value === 'number' && Number.isNaN(value))
    return 'the request has an undefined value, which is not a number';
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && value.some((one) => one === undefined))
    return 'a list of the request has an undefined value, which is sent as null';
  return Object.values(value)
    .map(gapIn)
    .find((gap) => gap !== undefined);
}

/** Which ends of its window a request must name: both, if a read may be split into several windows. */
function namesAsked(window: Stream['window']): readonly ('from' | 'to')[] {
  if (!window) return [];
  const { longest, required, cap } = window;
  return (longest ?? required ?? cap) === undefined ? ['from'] : ['from', 'to'];
}

/** Undefined if no request is returned. */
function textOf(ask: Paging['ask'], asked: Ask): string | undefined {
  const request = requestOf(ask, asked);
  const names = typeof request === 'object' && request !== null ? Object.keys(request) : ['none'];
  return names.every((name) => name === 'query' || name === 'body') ? JSON.stringify(request) : undefined;
}

function requestOf(ask: Paging['ask'], asked: Ask): unknown {
  try {
    return ask(asked);
  } catch {
    return undefined;
  }
}
