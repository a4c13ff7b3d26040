import { describe, expect, test } from 'vitest';
import {
  ContractError,
  EmptyPagesError,
  NotFoundError,
  RequestRefusedError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { endlessList, pagingLimit, warnOfLimit } from '../../../../functions/extract/pages/paging-limit.ts';
import { startScan } from '../../../../functions/extract/pages/partition-scan.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';
import { unitSession, unitStream } from '../../../helpers/session.ts';

const WINDOWED = {
  window: { by: 'at', as: 'iso' },
  ask: ({ page, from, to }: never) => ({ query: { page, from, to } }),
} as const;
const REFUSED = new RequestRefusedError('answered 400');
const EMPTY = new EmptyPagesError('3 pages in a row showed nothing new');

/** Pages of a list whose total is 4: a full one that more follow or not, one with nothing, and a last one. */
const [BEGUN, ENDED] = [true, false].map((more) => answer(['a', 'b'], { more, total: 4 }));
const NONE = answer([], { more: false, total: 4 });
const LAST = answer(['c', 'd'], { more: false, total: 4 });

/** What a failure after these pages says, each given by its number of records. */
async function limitAfter(pages: readonly number[], error: unknown, stream: object = {}, firstPage = 1) {
  const declared = { ...stream, firstPage } as Partial<Stream>;
  const { session } = await unitSession({ stream: declared });
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: firstPage });
  for (const [n, count] of pages.entries()) {
    const keys = Array.from({ length: count }, (_, place) => `${n}/${place}`);
    const records = keys.map((id) => ({ id }));
    const page = { partition: WHOLE_STREAM, number: firstPage + n, records, keys, body: {}, bytes: Buffer.alloc(0) };
    scan.take(page);
    scan.advance({ records, more: true, ...('next' in stream && { next: 'token' }) });
  }
  return pagingLimit(session, scan, error);
}

describe('the vendor limits how far a list can be paged', () => {
  test.each([
    { says: 'if it refuses a page below the first', pages: [2], error: REFUSED, isLimit: true },
    { says: 'not if it refuses the first page', pages: [], error: REFUSED, isLimit: false },
    { says: 'if pages are empty after a full one', pages: [2, 0, 0], error: EMPTY, isLimit: true },
    { says: 'not if pages are empty after one that was not full', pages: [2, 1, 0, 0], error: EMPTY, isLimit: false },
    { says: 'not if it is unavailable', pages: [2], error: new SourceUnavailableError('answered 503'), isLimit: false },
    { says: 'not if it answers with something else', pages: [2], error: new ContractError('no list'), isLimit: false },
  ])('$says', async ({ pages, error, isLimit }) => {
    expect((await limitAfter(pages, error)) !== undefined).toBe(isLimit);
  });

  test('not if it refuses the first page when the scan has gone back to it', async () => {
    const { session } = await unitSession();
    const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1 });
    const records = ['a', 'b'].map((id) => ({ id }));
    const page = { partition: WHOLE_STREAM, number: 1, records, keys: ['a', 'b'], body: {}, bytes: Buffer.alloc(0) };
    scan.take(page);
    scan.advance({ records, more: true });
    expect(pagingLimit(session, scan, REFUSED)).toBeDefined();
    scan.goBack();
    expect(pagingLimit(session, scan, REFUSED)).toBeUndefined();
  });

  test.each([
    { says: 'a token, which may have expired', stream: { next: true }, isLimit: false },
    {
      says: 'an offset',
      stream: { next: true, answer: { records: '.', next: { offset: true } } },
      isLimit: true,
    },
  ])('where it refuses $says: $isLimit', async ({ stream, isLimit }) => {
    expect((await limitAfter([2], REFUSED, stream)) !== undefined).toBe(isLimit);
  });

  test.each([
    { says: 'gone', skipMissingPartition: true, isLimit: false },
    { says: 'missing, where all must be there', skipMissingPartition: false, isLimit: true },
  ])('not of a partition that is $says', async ({ skipMissingPartition, isLimit }) => {
    const gone = new NotFoundError('answered 404');
    const limit = await limitAfter([2], gone, { skipMissingPartition });
    expect(limit !== undefined).toBe(isLimit);
    // Of one that windows can read, the rest is looked for.
    expect((await limitAfter([2], gone, { skipMissingPartition, ...WINDOWED }))?.hasWindows).toBe(true);
  });

  test.each([
    { says: 'filters by time, and requests both ends', stream: WINDOWED, hasWindows: true, way: 'Let ask of' },
    {
      says: 'filters by time, and requests one end',
      stream: { ...WINDOWED, ask: unitStream.ask },
      hasWindows: false,
      way: 'Let ask of functions/sources/unit.ts request `to` as well',
    },
    { says: 'does not filter', stream: {}, hasWindows: false, way: 'declare `window` in functions/sources/unit.ts' },
    {
      says: 'has a list per record',
      stream: { kind: 'per-parent', parent: 'users', readAtAges: ['1h'], thenEvery: '7d' },
      hasWindows: false,
      way: 'Declare partitions that have fewer records each, in functions/sources/unit.ts',
    },
    {
      says: 'has a list per record, and filters it by time',
      stream: { ...WINDOWED, kind: 'per-parent', parent: 'users', readAtAges: ['1h'], thenEvery: '7d' },
      hasWindows: false,
      way: 'Declare partitions that have fewer records each, in functions/sources/unit.ts',
    },
  ])('a list of one that $says has windows: $hasWindows; else the message names a way', async (given) => {
    const limit = await limitAfter([2, 2], REFUSED, given.stream);
    expect(limit?.hasWindows).toBe(given.hasWindows);
    expect(limit?.failure.message).toContain('pages before it showed 4 records');
    expect(limit?.failure.message).toContain(given.way);
  });
});

test('what a list showed before a limit that windows get round is neither clean nor short', async () => {
  const script = [answer(['a', 'b'], { more: true }), REFUSED];
  const { outcome } = await readOne(script, { stream: WINDOWED as never });
  expect(outcome).toMatchObject({ isCapFound: true, isCapped: true, isClean: false, isShort: false });
});

test.each([
  { times: 'once is read again', script: [ENDED, NONE, BEGUN, LAST], isCapped: undefined },
  { times: 'twice is read in windows', script: [ENDED, NONE, ENDED, NONE], isCapped: true },
])('a list that ends after a full page, below its total, $times', async ({ script, isCapped }) => {
  const { outcome, asked } = await readOne(script, { stream: WINDOWED as never });
  expect([outcome.isCapped, asked.length]).toEqual([isCapped, script.length]);
});

test.each([
  { records: [], kind: EmptyPagesError },
  { records: [{ id: 1 }], kind: ContractError },
])('a list that never ends is told as $kind.name after a page of $records', async ({ records, kind }) => {
  const { session } = await unitSession();
  const error = endlessList({ records }, { path: '/calls', idle: 3, id: session.id });
  expect(error.constructor).toBe(kind);
  expect(error.message).toContain('3 pages in a row showed nothing new');
});

test('a limit that the declaration does not name is warned of, with the way to declare it', async () => {
  const { session, ports } = await unitSession();
  const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1 });
  warnOfLimit(session, scan);
  expect(ports.lines.map(({ level, message }) => [level, message])).toEqual([
    [
      'warn',
      'the vendor shows no page after 0 records of a list, and counts more; continuing in windows of time. ' +
        'If its document names a limit, declare it (window.cap), which saves requests',
    ],
  ]);
});
