import { describe, expect, test } from 'vitest';
import { checkWindow } from '../../../functions/source/check-window.ts';
import type { Stream } from '../../../functions/source/source.ts';
import { unitStream } from '../../helpers/session.ts';

/** What is wrong with a window of the unit stream, which is right apart from what the test changes. */
function faultsOf(window: object, stream: object = {}): unknown[] {
  const declared = { ...unitStream, window: { by: 'at', as: 'iso', ...window }, ...stream } as unknown as Stream;
  return [...checkWindow(declared, 'streams.calls')];
}

describe('a window', () => {
  test.each([
    { says: 'that a stream does not have', stream: { window: undefined } },
    { says: 'by a timestamp', window: {} },
    { says: 'that ends before its end', window: { end: 'excluded' } },
    { says: 'that ends with its end', window: { end: 'included' } },
    { says: 'just longer than two minutes', window: { longest: '3m' } },
    { says: 'of days just longer than one', window: { as: 'day', longest: '2d' } },
    { says: 'that is required', window: { required: { back: '90d' } } },
    { says: 'with a cap above a page', window: { cap: 3 } },
    { says: 'with a cap and a required stretch', window: { cap: 9, longest: '7d', required: { back: '90d' } } },
    { says: 'with a cap and no longest one', window: { cap: 9 } },
    { says: 'of a stream of days with both', window: { cap: 9, longest: '7d' }, stream: { kind: 'daily' } },
  ])('$says is right', ({ window = {}, stream }) => {
    expect(faultsOf(window, stream)).toEqual([]);
  });

  test.each([
    { window: { by: 'made' }, at: 'by', seen: 'there is no time made', expected: 'a timestamp or date of unit_calls' },
    { window: { by: 'note' }, at: 'by', seen: 'there is no time note', expected: 'a timestamp or date of unit_calls' },
    {
      window: { as: 'unix' },
      ...{ at: 'as', seen: 'it is unknown' },
      expected: 'one of iso, iso-offset, iso-seconds, day, seconds, millis',
    },
    { window: { end: 'open' }, at: 'end', seen: 'it is unknown', expected: "'included' or 'excluded'" },
    { window: { longest: '2m' }, at: 'longest', seen: 'it is 2m', expected: 'more than 2m' },
    { window: { as: 'day', longest: '1d' }, at: 'longest', seen: 'it is 1d', expected: 'more than 1d' },
    {
      window: { cap: 2 },
      ...{ at: 'cap', seen: 'it is 2', expected: 'a whole number above that of a page, which is 2' },
    },
    {
      window: { cap: 9 },
      stream: { largestPage: 9 },
      ...{ at: 'cap', seen: 'it is 9', expected: 'a whole number above that of a page, which is 9' },
    },
    {
      window: { cap: 2.5 },
      ...{ at: 'cap', seen: 'it is 2.5', expected: 'a whole number above that of a page, which is 2' },
    },
    {
      window: { cap: 9, longest: '7d' },
      at: 'required',
      seen: 'it is missing, and a full list that reaches cap would be split into windows since 1970',
      expected: "{ back }, such as { back: '730d' }, because longest limits each of them",
    },
    {
      window: { required: { back: '90d' } },
      stream: { kind: 'daily' },
      ...{ at: 'required', seen: 'the stream is daily', expected: 'a collection' },
    },
    {
      window: { required: { back: '90d' } },
      stream: { tables: [{ ...unitStream.tables[0], partOn: 'day' }] },
      at: 'required',
      seen: 'unit_calls is filed by day',
      expected: 'partOn: "at", because removals are proven by it',
    },
    {
      window: { required: { back: '90d' } },
      stream: { tables: [{ ...unitStream.tables[0], partOn: undefined }] },
      at: 'required',
      seen: 'unit_calls is filed by the day a row was first seen',
      expected: 'partOn: "at", because removals are proven by it',
    },
  ])('$window is wrong: $seen', ({ window, stream, at, seen, expected }) => {
    expect(faultsOf(window, stream)).toEqual([{ at: `streams.calls.window.${at}`, seen, expected }]);
  });

  test.each([{ longest: 'a week' }, { required: { back: '3 months' } }])('%j has no duration', (window) => {
    const [fault, ...others] = faultsOf(window) as { at: string }[];
    expect(others).toEqual([]);
    expect(fault?.at).toMatch(/^streams\.calls\.window\.(longest|required\.back)$/);
  });
});
