import { describe, expect, test } from 'vitest';
import {
  type CallhouseError,
  ContractError,
  CredentialsError,
  InterruptedError,
  OutOfTimeError,
  ShortListError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { pagesOf } from '../../../../functions/extract/pages/pages.ts';
import { startScan } from '../../../../functions/extract/pages/partition-scan.ts';
import type { PartitionOutcome } from '../../../../functions/extract/pages/read-guide.ts';
import { dueReads } from '../../../../functions/extract/reads/due-reads.ts';
import { sumOfTotals } from '../../../../functions/extract/reads/read.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';
import { collect } from '../../../helpers/collect.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitPartition, unitRead, unitSession } from '../../../helpers/session.ts';

const AT = UNIT_AT;
const outcome = (failure?: CallhouseError) => ({
  partition: WHOLE_STREAM,
  keys: new Set<string>(),
  isShort: false,
  isClean: true,
  ...(failure ? { failure } : {}),
});

test('a read is told of each window that a list is read in', async () => {
  const { session } = await unitSession({ stream: { window: { by: 'at', as: 'iso', longest: '1d' } } });
  const windows: (Date | undefined)[] = [];
  const windowDone = ({ scan }: PartitionOutcome) => void windows.push(scan?.request().window?.from);
  const window = { from: new Date(AT - 2 * DAY_MS), to: new Date(AT) };
  await collect(pagesOf(session, unitRead(session, { kind: 'window', window }, { windowDone })));
  expect(windows).toEqual([1, 2].map((days) => new Date(AT - days * DAY_MS)));
});

describe('a read', () => {
  test('marks its tiers as read beside those read before, if nothing failed', async () => {
    const { session } = await unitSession();
    session.progress.updateState({ tiers: { '6h': 1, '3d': 2 } });
    const read = unitRead(session, { tiers: ['6h'] });
    const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1 });
    expect(await read.partitionDone(outcome())).toBe(true);
    expect(await read.partitionDone({ ...outcome(), scan })).toBe(true);
    await read.conclude();
    expect(session.progress.state().tiers).toEqual({ '6h': AT, '3d': 2 });
    expect([read.hasFailed(), session.progress.status()]).toEqual([false, 'ok']);
  });

  test('fails if the vendor has none of its partitions', async () => {
    const concluded: boolean[] = [];
    const { session } = await unitSession();
    const read = unitRead(session, { tiers: ['6h'] }, { conclude: (failed) => void concluded.push(failed) });
    for (let n = 0; n < 2; n += 1) await read.partitionDone(outcome());
    await read.conclude();
    const { error, exitCode } = session.progress.result(session.progress.status());
    expect({ error, exitCode, concluded }).toEqual({
      error: expect.stringMatching(/each of its 2 partitions that it does not exist \(404\); expected at least one$/),
      exitCode: 4,
      concluded: [true],
    });
    expect(session.progress.state().tiers).toEqual({});
  });

  test.each([
    { missing: 24, found: 0, exitCode: 0 },
    { missing: 25, found: 0, exitCode: 4 },
    { missing: 25, found: 1, exitCode: 0 },
  ])('of lists per record, of which $missing are missing and $found are there, ends with $exitCode', async (given) => {
    const { session } = await unitSession({
      stream: { kind: 'per-parent', parent: 'users', readAtAges: ['1h'], thenEvery: '7d' },
    });
    const read = unitRead(session, { kind: 'parents' });
    const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: 1 });
    for (let n = 0; n < given.missing; n += 1) await read.partitionDone(outcome());
    for (let n = 0; n < given.found; n += 1) await read.partitionDone({ ...outcome(), scan });
    await read.conclude();
    expect(session.progress.result(session.progress.status()).exitCode).toBe(given.exitCode);
  });

  test('passes a partition’s failure to its strategy, and reports the failure', async () => {
    const concluded: boolean[] = [];
    const { session } = await unitSession();
    const read = unitRead(session, { tiers: ['6h'] }, { conclude: (failed) => void concluded.push(failed) });
    expect(await read.partitionDone(outcome(new ContractError('bad')))).toBe(true);
    await read.conclude();
    expect(concluded).toEqual([true]);
    expect(session.progress.state().tiers).toEqual({});
    expect(session.progress.result('failed')).toMatchObject({ error: 'bad', exitCode: 4 });
  });

  test('that was stopped draws no conclusion', async () => {
    const calls: string[] = [];
    const { session } = await unitSession();
    const read = unitRead(
      session,
      {},
      { conclude: () => void calls.push('conclude'), partitionDone: () => void calls.push('done') },
    );
    expect(await read.partitionDone(outcome(new OutOfTimeError('late')))).toBe(false);
    await read.conclude();
    expect(calls).toEqual([]);
    expect(session.progress.result('partial')).toMatchObject({ exitCode: 6 });
  });

  test.each([
    { failure: new OutOfTimeError('late'), status: 'partial', exitCode: 6 },
    { failure: new CredentialsError('refused'), status: 'failed', exitCode: 2 },
    { failure: new InterruptedError('stopped'), status: 'partial', exitCode: 130 },
    { failure: new SourceUnavailableError('down'), status: 'failed', exitCode: 3 },
    { failure: undefined, status: 'failed', exitCode: 4 },
  ])(
    'that failed with $failure.message after a short list ends with $exitCode',
    async ({ failure, status, exitCode }) => {
      const { session } = await unitSession();
      const read = unitRead(session);
      expect(await read.partitionDone({ ...outcome(), isShort: true, shortList: new ShortListError('short') })).toBe(
        true,
      );
      if (failure) await read.partitionDone(outcome(failure));
      await read.conclude();
      expect(session.progress.status()).toBe(status);
      expect(session.progress.result(session.progress.status())).toMatchObject({ exitCode });
    },
  );

  test('has the partitions and the window of its plan, unless its strategy has others', async () => {
    const { session } = await unitSession();
    const window = { from: new Date(5) };
    const plain = unitRead(session, { window });
    expect([plain.partitions, plain.windowOf(WHOLE_STREAM), plain.startOf(WHOLE_STREAM)]).toEqual([
      [WHOLE_STREAM],
      window,
      undefined,
    ]);
    expect([plain.isConcurrent, plain.provesAbsence()]).toEqual([false, false]);
    const other = unitPartition('x');
    const own = unitRead(
      session,
      { window },
      { partitions: [other], windowOf: () => undefined, startOf: () => ({ page: 4 }) },
    );
    expect([own.partitions, own.windowOf(other), own.startOf(other)]).toEqual([[other], undefined, { page: 4 }]);
  });
});

test('sightings name the partitions that showed a key, each once and in order', async () => {
  const { session } = await unitSession();
  const { sightings } = unitRead(session);
  expect(sightings.of('a')).toEqual([]);
  for (const partition of ['x', 'x', 'y', 'x', 'z', 'y']) sightings.add('a', partition);
  sightings.add('b', 'y');
  expect([sightings.of('a'), sightings.of('b')]).toEqual([['x', 'y', 'z'], ['y']]);
});

test.each([
  { totals: [], sum: null },
  { totals: [undefined, undefined], sum: null },
  { totals: [0], sum: 0 },
  { totals: [undefined, 2, 3], sum: 5 },
])('the totals $totals add up to $sum', ({ totals, sum }) => {
  expect(sumOfTotals(totals)).toBe(sum);
});

describe('the time range that a commit names', () => {
  const swept = { sweptAt: AT, sweepDueAt: AT + HOUR_MS };

  test.each([
    { says: 'of a full scan is open', state: {}, window: { from: null, to: AT } },
    {
      says: 'of an incremental read begins at its reach',
      state: { ...swept, order: 'at' },
      window: { from: AT - 6 * HOUR_MS, to: AT },
    },
    {
      says: 'of a window begins a day before',
      state: { ...swept, order: 'none' },
      window: { from: AT - 30 * HOUR_MS, to: AT },
    },
  ])('$says', async ({ state, window }) => {
    const { session } = await unitSession({ stream: { window: { by: 'at', as: 'iso' as const } } });
    session.progress.updateState(state);
    session.digest.set('a', entry());
    const [read] = await collect(dueReads(session));
    expect(session.progress.tally().window).toEqual(window);
    expect(read?.partitions).toEqual([WHOLE_STREAM]);
  });

  test('of a backfill is the range of the backfill', async () => {
    const window = { from: new Date(5), to: new Date(9) };
    const { session } = await unitSession({ stream: { window: { by: 'at', as: 'iso' as const } }, window });
    expect((await collect(dueReads(session))).map(({ kind }) => kind)).toEqual(['window']);
    expect(session.progress.tally().window).toEqual({ from: 5, to: 9 });
  });
});
