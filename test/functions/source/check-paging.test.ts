import { describe, expect, test } from 'vitest';
import { CALLS, check, says } from '../../helpers/check-source.ts';

describe('a wrong declaration of a window', () => {
  const by = { by: 'started_at', as: 'iso' };
  const filed = { partOn: 'started_at' };
  const cases: readonly [string, object, string, string, object?][] = [
    ['window.end', { end: 'open' }, 'it is unknown', "'included' or 'excluded'"],
    ['window.as', { as: 'epoch' }, 'it is unknown', 'one of iso, iso-offset, iso-seconds, day, seconds, millis'],
    ['window.longest', { longest: 'P1M' }, '"P1M" is not a duration', 'such as 15m, 6h or 3d'],
    ['window.longest', { longest: '2m' }, 'it is 2m', 'more than 2m'],
    ['window.longest', { longest: '24h', as: 'day' }, 'it is 24h', 'more than 1d'],
    ['window.required.back', { required: { back: '1y' } }, '"1y" is not a duration', 'such as 15m, 6h or 3d', filed],
    [
      'window.required',
      { required: { back: '1d' } },
      'nova_calls is filed by the day a row was first seen',
      'partOn: "started_at", because removals are proven by it',
    ],
    ['window.cap', { cap: 50 }, 'it is 50', 'a whole number above that of a page, which is 50'],
    ['window.cap', { cap: 1000.5 }, 'it is 1000.5', 'a whole number above that of a page, which is 50'],
    [
      'window.required',
      { cap: 1000, longest: '30d' },
      'it is missing, and a full list that reaches cap would be split into windows since 1970',
      "{ back }, such as { back: '730d' }, because longest limits each of them",
    ],
  ];
  test.each(cases)('is named: %s %j', (at, window, seen, expected, table = {}) => {
    expect(check({ window: { ...by, ...window } }, {}, table)).toThrow(says(`calls.${at}`, seen, expected));
  });

  test.each([{ cap: 51 }, { longest: '3m' }, { longest: '25h', as: 'day' }])('is none: %j', (window) => {
    expect(check({ window: { ...by, ...window } })).not.toThrow();
  });

  test('is none if the table is filed by the filter’s column', () => {
    const window = { ...by, cap: 51, longest: '30d', required: { back: '365d' } };
    expect(check({ window }, {}, filed)).not.toThrow();
    const perParent = { kind: 'per-parent', parent: 'users', readAtAges: ['1h'], thenEvery: '7d' };
    expect(check({ ...perParent, window }, {}, filed)).toThrow(
      'calls.window.required: the stream is per-parent; expected a collection',
    );
  });

  test.each([{ cap: 51 }, { longest: '3m' }, { required: { back: '3d' } }])(
    'has an end that is requested: %j',
    (window) => {
      const ask = ({ page, from }: never) => ({ query: { page, from } });
      expect(check({ ask, window: { ...by, ...window } }, {}, filed)).toThrow(
        says('calls.ask', 'it requests each window in the same way', 'to in the request, because window is declared'),
      );
      expect(check({ ask, window: by })).not.toThrow();
    },
  );
});

describe('a wrong declaration of a stream', () => {
  const ask = CALLS.ask;
  const READERS = { kind: 'daily', historyFrom: [], days: { day: 'id', figures: [] }, read: () => ({ records: [] }) };
  const duration = 'such as 15m, 6h or 3d';
  const cases: readonly [string, object, string, string, string][] = [
    [
      'parameter',
      { path: '/Accounts/{AccountSid}/Calls' },
      'calls.path',
      'nothing fills {AccountSid}',
      'partitions with params, or a credential such as {NAME}',
    ],
    ['path', { path: 'calls' }, 'calls.path', 'it is not a path', 'a text such as /v1/calls, without a query'],
    ['path', { path: '/calls?a=b' }, 'calls.path', 'it is not a path', 'a text such as /v1/calls, without a query'],
    [
      'tier',
      { tiers: [{ every: '15 min', back: '6h' }] },
      'calls.tiers.0.every',
      '"15 min" is not a duration',
      duration,
    ],
    ['tier', { tiers: [{ every: '15m', back: '0h' }] }, 'calls.tiers.0.back', '"0h" is not a duration', duration],
    [
      'lack of tiers',
      { tiers: [] },
      'calls.tiers',
      'there is none',
      "at least one, such as { every: '15m', back: '6h' }",
    ],
    [
      'order',
      { order: ['start.tiem'] },
      'calls.order',
      'no column reads start.tiem',
      'a field that a column of the first table reads',
    ],
    [
      'window',
      { window: { by: 'seconds', as: 'iso' } },
      'calls.window.by',
      'there is no time seconds',
      'a timestamp or date of nova_calls',
    ],
    ['size', { pageSize: -1 }, 'calls.pageSize', 'it is not a number of records', '0 or a whole number above it'],
    ['first page', { firstPage: 2 }, 'calls.firstPage', 'it is another number', '0 or 1'],
    ['kind', { kind: 'list' }, 'calls.kind', 'it is unknown', 'collection, per-parent or daily'],
    ['table', { tables: [] }, 'calls.tables', 'there is none', 'the table of the records, and those of their children'],
    [
      'option',
      { skipWhenOptionSet: 'NOVA_IDS' },
      'calls.skipWhenOptionSet',
      'there is no option NOVA_IDS',
      'one of options',
    ],
    [
      'parent',
      { kind: 'per-parent', parent: 'users', readAtAges: ['1h'], thenEvery: '7d' },
      'calls.parent',
      'no stream users is read before',
      'a stream that is declared above',
    ],
    [
      'history',
      { kind: 'daily', historyFrom: ['users'] },
      'calls.historyFrom',
      'no stream users is read before',
      'a stream that is declared above',
    ],
    ['ask', { ask: undefined }, 'calls.ask', 'it is not a function', 'a function that returns { query } or { body }'],
    ['request', { ask: () => ({ page: 1 }) }, 'calls.ask', 'it fails, or returns no request', '{ query } or { body }'],
    [
      'page',
      { ask: ({ from }: never) => ({ query: { from } }) },
      'calls.ask',
      'it requests each page in the same way',
      'page in the request',
    ],
    [
      'page of a list that a function reads',
      { answer: undefined, read: () => ({ records: [] }), ask: () => ({ query: { page: '1' } }), window: undefined },
      'calls.ask',
      'it requests each page in the same way',
      'page in the request',
    ],
    [
      'token',
      { answer: { records: '.', next: 'next' } },
      'calls.ask',
      'it requests each page in the same way',
      'next in the request',
    ],
    [
      'filter',
      { ask: ({ page }: never) => ({ query: { page } }) },
      'calls.ask',
      'it requests each window in the same way',
      'from in the request, because window is declared',
    ],
    [
      'answer',
      { answer: { records: 'a', read: 'b' } },
      'calls.answer.read',
      'it is unknown',
      'one of records, next, more, pages, link, page, total, filters, failed',
    ],
    ['answer', { answer: {} }, 'calls.answer.records', 'it is missing', 'the path of the list of records'],
    [
      'path of the answer',
      { answer: { records: 'a..b' } },
      'calls.answer.records',
      'it is not a path',
      'names joined by dots, such as meta.total',
    ],
    [
      'path of the answer',
      { answer: { records: 'a', total: ['b', ''] } },
      'calls.answer.total',
      'it is not a path',
      'names joined by dots, such as meta.total',
    ],
    [
      'test for failures',
      { answer: { records: 'a', failed: true } },
      'calls.answer.failed',
      'it is not a function',
      'a function of the body',
    ],
    ['reader', { read: () => ({ records: [] }) }, 'calls.read', 'there is also answer', 'one of the two'],
    ['reader beside two', READERS, 'calls.read', 'there is also answer', 'one of the two'],
    [
      'reader',
      { answer: undefined, days: { day: 'id', figures: [] } },
      'calls.days',
      'the stream is collection',
      'a stream of kind daily',
    ],
    [
      'map',
      { kind: 'daily', historyFrom: [], answer: undefined, days: { day: 'id', figures: ['totl'] } },
      'calls.days',
      'no column reads totl',
      'fields that columns of the first table read',
    ],
    [
      'window',
      { ask: ({ page, from, to }: never) => ({ body: { page, within: from && [from, to] } }) },
      'calls.ask',
      'with from given, a list of the request has an undefined value, which is sent as null',
      'another value, or none: the first page has no next, a read of what is new only from, the first one neither',
    ],
    [
      'window in one text',
      { ask: ({ page, from, to }: never) => ({ query: { page, within: from && `${from}/${to}` } }) },
      'calls.ask',
      'with from given, a text of the request has an undefined value',
      'another value, or none: the first page has no next, a read of what is new only from, the first one neither',
    ],
    [
      'token in a text',
      { window: undefined, ask: ({ page, next }: never) => ({ query: { page, after: `key:${next}` } }) },
      'calls.ask',
      'with no next given, a text of the request has an undefined value',
      'another value, or none: the first page has no next, a read of what is new only from, the first one neither',
    ],
    [
      'name of a variant',
      { otherwise: [{ name: 'first', ask }] },
      'calls.otherwise.0.name',
      'there is a variant first before it',
      'a name of its own',
    ],
    [
      'variant',
      { otherwise: [{ path: 'v2' }] },
      'calls.otherwise.0.path',
      'it is not a path',
      'a text such as /v1/calls, without a query',
    ],
  ];
  test.each(cases)('is named: %s %#', (_what, stream, at, seen, expected) => {
    expect(check(stream)).toThrow(says(at, seen, expected));
  });

  test('is not seen in a text of which a word only looks undefined', () => {
    const query = ({ page, from, to }: { page: number; from?: string; to?: string }) => ({
      query: { page, since: from, until: to, sort: 'maxNaNo', show: 'undefinedCalls,is_undefined' },
    });
    expect(check({ ask: query })).not.toThrow();
  });
});
