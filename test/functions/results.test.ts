import { describe, expect, test } from 'vitest';
import {
  AlreadyRunningError,
  ContractError,
  InterruptedError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../functions/errors.ts';
import type { Commit } from '../../functions/lake/commit.ts';
import { newProgress, statusOf } from '../../functions/results.ts';

function place() {
  const clock = { now: 100, requests: 7 };
  const progress = newProgress({
    state: { tiers: {}, redact: [] },
    digests: ['d1'],
    next: { n: 4, loadId: 'load-4' },
    now: () => clock.now,
    requests: () => clock.requests,
  });
  return { clock, progress };
}
const counts = { requests: 2, records: 3, vendorTotal: null, changed: 4, unchanged: 5, deleted: 6, rejected: 7 };
const commit = (more: Partial<Commit> = {}) => ({ counts, digests: ['d1', 'd2'], ...more }) as Commit;
const scan = { list: 'all', kind: 'sweep', pages: 1, records: 1, total: null, complete: true, drift: false };

describe('progress', () => {
  test('begins where the last commit ended', () => {
    const { progress } = place();
    expect(progress.next()).toEqual({ n: 4, loadId: 'load-4' });
    expect(progress.digests()).toEqual(['d1']);
    expect([progress.startedAt, progress.committedAt(), progress.status()]).toEqual([100, 100, 'ok']);
    expect(progress.tally()).toEqual({
      scans: [],
      records: 0,
      requests: 0,
      at: 100,
      vendorTotal: null,
      window: { from: null, to: null },
    });
  });

  test('counts what happened since the last commit', () => {
    const { progress, clock } = place();
    progress.addScan(scan);
    progress.addRecords(2);
    progress.addRecords(3);
    progress.setVendorTotal(9);
    progress.setWindow({ from: 1, to: 2 });
    clock.requests = 12;
    const expected = { scans: [scan], records: 5, requests: 5, vendorTotal: 9, window: { from: 1, to: 2 } };
    expect(progress.tally()).toMatchObject(expected);
    clock.now = 200;
    progress.committed(commit(), { n: 5, loadId: 'load-5' });
    // The window and the vendor's total are those of the read, not of the commit.
    expect(progress.tally()).toMatchObject({ ...expected, scans: [], records: 0, requests: 0 });
    expect([progress.startedAt, progress.committedAt()]).toEqual([100, 200]);
    expect(progress.next()).toEqual({ n: 5, loadId: 'load-5' });
    expect(progress.digests()).toEqual(['d1', 'd2']);
  });

  test('changes only the given fields of the state', () => {
    const { progress } = place();
    progress.updateState({ order: 'at', tiers: { '6h': 1 } });
    progress.updateState({ order: 'none' });
    expect(progress.state()).toEqual({ tiers: { '6h': 1 }, redact: [], order: 'none' });
  });

  test('adds up the commits of the run', () => {
    const { progress } = place();
    for (let n = 0; n < 3; n += 1) progress.committed(commit(), { n: 5, loadId: 'l' });
    expect(progress.result('ok')).toEqual({
      status: 'ok',
      heldRemovals: 0,
      hidden: {},
      requests: 6,
      records: 9,
      changed: 12,
      deleted: 18,
      rejected: 21,
      exitCode: 0,
    });
  });

  test('reports its first failure', () => {
    const { progress } = place();
    progress.fail(new ContractError('first'));
    progress.fail(new OutOfTimeError('second'));
    expect(progress.status()).toBe('failed');
    expect(progress.result('failed')).toMatchObject({ status: 'failed', error: 'first', exitCode: 4 });
  });
});

describe('the status of a run', () => {
  test.each([
    [undefined, 'ok'],
    [new OutOfTimeError('x'), 'partial'],
    [new InterruptedError('x'), 'partial'],
    [new ContractError('x'), 'failed'],
    [new SourceUnavailableError('x'), 'failed'],
    [new AlreadyRunningError('x'), 'failed'],
  ])('after %o is %s', (failure, status) => {
    expect(statusOf(failure)).toBe(status);
  });
});
