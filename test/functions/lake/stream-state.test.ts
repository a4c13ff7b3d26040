import { describe, expect, test } from 'vitest';
import { StateError } from '../../../functions/errors.ts';
import type { Commit } from '../../../functions/lake/commit.ts';
import { readState } from '../../../functions/lake/commit-log.ts';

const ID = { source: 'solum', account: 'default', stream: 'calls' };
const read = (state: Readonly<Record<string, unknown>>) => readState({ n: 7, state } as unknown as Commit, ID);

describe('the state of a stream', () => {
  test('that never ran is empty', () => {
    expect(readState(undefined, ID)).toEqual({ tiers: {}, redact: [] });
    expect(read({})).toEqual({ tiers: {}, redact: [] });
  });

  test('is read as it was written', () => {
    const state = {
      variant: 'post',
      order: 'started_at',
      sweptAt: 1,
      sweepDueAt: 2,
      tiers: { '6h': 3 },
      resume: { kind: 'newest', partition: 'all', page: 4, from: 5 },
      redact: ['a'],
      redactedTo: 'commits/solum/default/calls/000000000001.json',
      ranAt: 6,
    };
    expect(read(state)).toEqual(state);
    expect(read(JSON.parse(JSON.stringify(read(state))))).toEqual(state);
  });

  test('in a full scan is read as it was written', () => {
    const position = {
      ...{ partition: 'a', page: 3, size: 100, token: 't', window: { from: 1, to: 2 }, total: 9 },
      ...{ hasMoved: true, hasGap: true, mayLack: true, isUneven: true, hasUnknown: true, endsOutside: true },
      ...{ isUnclean: true, isAgain: true, isHeldUp: true },
    };
    const scan = {
      ...{ startedAt: 1, startedClock: 2, ranAt: 3, tookMs: 4, position, share: 0.5, sortedBy: 1 },
      done: { b: 'all', c: 'untied', d: 'inside', e: 'nothing', f: 'missing' },
      ...{ failed: ['g'], unsorted: ['at'], falls: { at: 2 }, keptFrom: 5, lacking: 6, notes: 'key' },
      ...{ leastSurplus: { b: -7 }, hasWaited: true as const },
    };
    expect(read({ scan }).scan).toEqual(scan);
  });

  test('in a full scan that has just begun knows no list yet', () => {
    const scan = { startedAt: 1, startedClock: 2, ranAt: 3 };
    const nothing = { tookMs: 0, done: {}, failed: [], unsorted: [], falls: {}, leastSurplus: {}, share: 0 };
    expect(read({ scan }).scan).toEqual({ ...scan, ...nothing });
  });

  test.each([
    [{ way: 'post' }, { variant: 'post' }],
    [{ purge: ['a', 'b'] }, { redact: ['a', 'b'] }],
    [{ purgedTo: 'commits/x' }, { redactedTo: 'commits/x' }],
    [
      { resume: { kind: 'head', list: 'in', page: 3, from: 5 } },
      { resume: { kind: 'newest', partition: 'in', page: 3, from: 5 } },
    ],
    // A full scan that was cut begins again.
    [{ resume: { kind: 'sweep', list: 'all', page: 3 } }, {}],
    [{ resume: { kind: 'window', list: 'all', page: 0 } }, { resume: { kind: 'window', partition: 'all', page: 0 } }],
    // Early lakes took the instant as the vendor wrote it.
    [
      { resume: { kind: 'newest', partition: 'all', page: 3, from: 5.75 } },
      { resume: { kind: 'newest', partition: 'all', page: 3, from: 5 } },
    ],
    [
      { resume: { kind: 'newest', partition: 'all', page: 3, from: -1e20 } },
      { resume: { kind: 'newest', partition: 'all', page: 3, from: -62_135_596_800_000 } },
    ],
    [
      { way: 'get', tiers: { '3d': 1 }, ranAt: 2 },
      { variant: 'get', tiers: { '3d': 1 }, ranAt: 2 },
    ],
  ])('with the earlier names %o is %o', (state, expected) => {
    const found = read(state);
    expect(found).toEqual({ tiers: {}, redact: [], ...expected });
    for (const name of ['way', 'purge', 'purgedTo']) expect(found).not.toHaveProperty(name);
  });

  test.each([
    { tiers: 'none' },
    { tiers: { '6h': 'soon' } },
    { sweptAt: 'now' },
    { sweptAt: 1.5 },
    { redact: 'a' },
    { purge: 'a' },
    { resume: { kind: 'head', partition: 'all', page: 1 } },
    { resume: { kind: 'other', list: 'all', page: 1 } },
    { resume: { kind: 'newest', partition: 'all' } },
    { scan: { startedAt: 1, position: { page: 1 } } },
    { resume: null },
  ])('that no version wrote is refused: %o', (state) => {
    expect(() => read(state)).toThrow(StateError);
    expect(() => read(state)).toThrow(
      'solum.calls: the state in commit 7 has an unknown format; expected that of this version: update Callhouse',
    );
  });
});
