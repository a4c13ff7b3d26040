import { describe, expect, test } from 'vitest';
import { checkPaths } from '../../../functions/source/check-paths.ts';
import type { Table } from '../../../schemas/table.ts';

const faultsOf = (paths: unknown) => [...checkPaths({ columns: { a: { paths } } } as unknown as Table, 'tables.calls')];
const EXPECTED = 'names joined by dots, such as a.b, after ^ of the record and $ of a fact of the request';

describe('a path of a column', () => {
  test.each(['a', 'a.b', '^a.b', '$a', '.', 'a[b]', 'x.$a', '_', 'ä'])('may be %s', (path) => {
    expect(faultsOf([path])).toEqual([]);
  });

  test.each([
    { path: '$.a', why: 'begins as in JSONPath' },
    { path: '$[0]', why: 'begins as in JSONPath' },
    ...['a[0].b', 'a[12]', 'a[*]', 'a[]'].map((path) => ({
      path,
      why: 'leads into a list: read the list as json, or its elements in a table of their own (explode)',
    })),
    ...['', ' ', 'a..b', '.a', 'a.', '^', '$', '^a.', 'a. .b'].map((path) => ({ path, why: 'has an empty name' })),
    { path: 7, why: 'is no text' },
  ])('cannot be $path', ({ path, why }) => {
    const fault = { at: 'tables.calls.columns.a', seen: `path ${JSON.stringify(path)} ${why}`, expected: EXPECTED };
    expect(faultsOf([path])).toEqual([fault]);
    // The first wrong one of several is named.
    expect(faultsOf(['a', path, '$.z'])).toEqual([fault]);
  });

  test.each([[], undefined])('is missing: %j', (paths) => {
    expect(faultsOf(paths)).toEqual([{ at: 'tables.calls.columns.a', seen: 'it has no path', expected: EXPECTED }]);
  });
});
