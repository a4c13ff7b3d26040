import { describe, expect, test } from 'vitest';
import { parseProgressKey } from '../../../functions/lake/load-progress.ts';
import * as keys from '../../../functions/lake/objects.ts';

const ID = { source: 'solum', account: 'north', stream: 'calls' };

test.each([
  [keys.commitPrefix(ID), 'commits/solum/north/calls/'],
  [keys.commitKey(ID, 7), 'commits/solum/north/calls/000000000007.json'],
  [keys.checkpointPrefix(ID), 'checkpoints/solum/north/calls/'],
  [keys.digestKey(ID, 7, 'load'), 'digests/solum/north/calls/000000000007-load.jsonl.gz'],
  [keys.shardKey(ID, 7, 'load', 3), 'digests/solum/north/calls/000000000007-load-0003.rows'],
  [keys.segmentKey(ID, 7, 'load', 3), 'digests/solum/north/calls/000000000007-load-0003.due'],
  [keys.agendaKey(ID, 7, 'load'), 'digests/solum/north/calls/000000000007-load.agenda.gz'],
  [keys.scanNotesKey(ID, 7, 'load'), 'digests/solum/north/calls/000000000007-load.scan.gz'],
  [keys.namesKey(ID, 7, 'load'), 'digests/solum/north/calls/000000000007-load.names.gz'],
  [keys.rawPrefix(ID, '2026-11-01'), 'raw/solum/north/calls/2026-11-01/'],
  [
    keys.rawKey(ID, { day: '2026-11-01', name: 'load', part: 3 }, 'gz'),
    'raw/solum/north/calls/2026-11-01/load-0003.pages.gz',
  ],
  [
    keys.rawKey(ID, { day: '2026-11-01', name: 'load', part: 3 }, 'zst'),
    'raw/solum/north/calls/2026-11-01/load-0003.pages.zst',
  ],
  [keys.stagedPrefix('solum_calls', 'north', '2026-11-01'), 'staging/solum_calls/acct=north/day=2026-11-01/'],
  [
    keys.stagedKey('solum_calls', 'north', { day: '2026-11-01', name: 'load', part: 12 }),
    'staging/solum_calls/acct=north/day=2026-11-01/load-0012.parquet',
  ],
  [keys.copyName({ n: 7, loadId: 'load' }), 'load.000000000007'],
  [keys.leasePrefix('solum', 'north'), 'leases/solum/north/'],
  [keys.confirmationPrefix(ID), 'confirmations/solum/north/calls/'],
  [keys.progressKey('warehouse-1', ID), 'progress/warehouse-1/solum/north/calls.json'],
  [keys.PROGRESS_PREFIX, 'progress/'],
  [keys.ORPHANS_KEY, 'progress/orphans.json'],
  [keys.sequence(0), '000000000000'],
  [keys.sequence(999_999_999_999), '999999999999'],
])('the key is %s', (key, expected) => {
  expect(key).toBe(expected);
});

test.each([
  [keys.rawKey(ID, { day: '2026-11-01', name: keys.copyName({ n: 7, loadId: 'load' }), part: 3 }, 'gz'), 7],
  [keys.rawKey(ID, { day: '2026-11-01', name: keys.copyName({ n: 8, loadId: 'load' }), part: 3 }, 'zst'), 8],
  [
    keys.stagedKey('t', 'north', { day: '2026-11-01', name: keys.copyName({ n: 12, loadId: 'load' }), part: 12_345 }),
    12,
  ],
  // Earlier versions: twelve random digits are no number of a commit.
  ['raw/solum/north/calls/2026-11-01/solum-calls-20261101T090507Z-888888888888-0001.pages.gz', undefined],
  ['staging/t/acct=north/day=2026-11-01/solum-calls-20261101T090507Z-888888888888-0001.parquet', undefined],
])('%s was written for commit %s', (key, n) => {
  expect(keys.copyNumber(key)).toBe(n);
});

describe('the number of a commit', () => {
  test.each([
    [keys.commitKey(ID, 1), 1],
    [keys.commitKey(ID, 123_456_789_012), 123_456_789_012],
    ['commits/solum/north/calls/00000000001.json', undefined],
    ['commits/solum/north/calls/0000000000001.json', undefined],
    ['commits/solum/north/calls/000000000001.json.tmp', undefined],
    ['commits/solum/north/calls/000000000001', undefined],
    ['000000000001.json', undefined],
    ['', undefined],
  ])('in %s is %s', (key, n) => {
    expect(keys.commitNumber(key)).toBe(n);
  });

  test('has the order of its key', () => {
    const numbers = [1, 9, 10, 99, 100, 1_000_000, 99_999_999_999, 100_000_000_000];
    expect(numbers.map((n) => keys.commitKey(ID, n)).sort()).toEqual(numbers.map((n) => keys.commitKey(ID, n)));
  });
});

test.each([
  ['progress/duckdb/solum/north/calls.json', { warehouse: 'duckdb', id: ID }],
  ['progress/duckdb/solum/north/calls', undefined],
  ['progress/duckdb/solum/calls.json', undefined],
  ['progress/duckdb/solum/north/more/calls.json', undefined],
  ['other/progress/duckdb/solum/north/calls.json', undefined],
  ['leases/solum/north.json', undefined],
])('the progress object %s is that of %j', (key, owner) => {
  expect(parseProgressKey(key)).toEqual(owner);
});
