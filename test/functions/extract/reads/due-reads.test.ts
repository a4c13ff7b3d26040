import { expect, test } from 'vitest';
import { ListUnavailableError } from '../../../../functions/errors.ts';
import { commitStream } from '../../../../functions/extract/commit/commit-stream.ts';
import { dueReads } from '../../../../functions/extract/reads/due-reads.ts';
import type { StreamSession } from '../../../../functions/extract/session/session.ts';
import type { DailyStream } from '../../../../functions/source/source.ts';
import { DAY_MS, dayOf } from '../../../../functions/time.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitPartition, unitSession } from '../../../helpers/session.ts';
import { twoLists, x } from '../../../helpers/two-lists.ts';

/** The kinds of the reads that are due, each with what the state says once it begins. */
async function kindsOf(session: StreamSession) {
  const kinds: (readonly [string, boolean | undefined])[] = [];
  for await (const { kind } of dueReads(session)) kinds.push([kind, session.progress.state().scanWaits]);
  return kinds;
}

test.each([
  {
    before: undefined,
    kinds: [
      ['newest', true],
      ['sweep', true],
    ],
  },
  {
    before: true,
    kinds: [
      ['sweep', undefined],
      ['newest', undefined],
    ],
  },
] as const)(
  'a full scan that comes after what is new waits, and comes first in the next run (waited before: $before)',
  async ({ before, kinds }) => {
    const { session } = await unitSession({ stream: twoLists });
    const swept = { sweptAt: UNIT_AT - 9 * DAY_MS, sweepDueAt: UNIT_AT, order: 'at', scanWaits: before };
    session.progress.updateState(swept);
    session.digest.set('a', entry());
    expect(await kindsOf(session)).toEqual(kinds);
  },
);

test('a run in which no full scan is due leaves what waits', async () => {
  const { session } = await unitSession({ stream: twoLists });
  session.progress.updateState({ sweptAt: UNIT_AT, sweepDueAt: UNIT_AT + DAY_MS, order: 'at', scanWaits: true });
  session.digest.set('a', entry());
  expect(await kindsOf(session)).toEqual([['newest', true]]);
});

test('figures of days are planned by the cursors of their partitions, also by settled ones', async () => {
  const store = memoryStore();
  const daily: Partial<DailyStream> = { ...twoLists, kind: 'daily', historyFrom: [] };
  const options = { store, stream: daily, tuning: { recentRows: 0, mostRecentRows: 0 } };
  const first = (await unitSession(options)).session;
  for (const name of ['x', 'y']) first.digest.setCursor(name, { readAt: UNIT_AT - DAY_MS, readFrom: dayOf(UNIT_AT) });
  first.progress.updateState({ tiers: { '6h': UNIT_AT } });
  await commitStream(first, 'ok');
  const { session } = await unitSession(options);
  expect(session.digest.isSettled()).toBe(true);
  // Both were read, and no tier is due.
  expect(await kindsOf(session)).toEqual([]);
});

test.each([
  { lists: [x], kinds: [['newest', undefined]], says: 'is read in lists that do not depend on it' },
  { lists: [], kinds: [], says: 'is not read without any other list' },
])('a stream that lists its partitions by one that nobody could read $says, and fails', async ({ lists, kinds }) => {
  const partitions: DailyStream['partitions'] = ({ recordsOf }) => [
    ...lists,
    ...[...recordsOf('users').keys()].map(unitPartition),
  ];
  const { session } = await unitSession({ stream: { partitions } });
  const asked: string[] = [];
  const whyUnlisted = (_stream: string, by: string) => {
    asked.push(by);
    return new ListUnavailableError('no user is known', 3, session.id);
  };
  session.progress.updateState({ sweptAt: UNIT_AT, sweepDueAt: UNIT_AT + DAY_MS, order: 'at' });
  session.digest.set('a', entry());
  expect(await kindsOf({ ...session, whyUnlisted })).toEqual(kinds);
  expect(asked).toEqual(['users']);
  expect(session.progress.result(session.progress.status())).toMatchObject({
    exitCode: 3,
    error: 'unit.calls: no user is known',
  });
});
