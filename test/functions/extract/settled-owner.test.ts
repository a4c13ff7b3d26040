import { describe, expect, test } from 'vitest';
import { commitStream } from '../../../functions/extract/commit/commit-stream.ts';
import { diffPage, flattenPage } from '../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../functions/extract/pages/pages.ts';
import type { ReadSettings, StreamSession } from '../../../functions/extract/session/session.ts';
import { SCANNED } from '../../../functions/lake/digest/scan-notes.ts';
import type { Sighting } from '../../../functions/source/page.ts';
import type { CollectionStream } from '../../../functions/source/source.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { id, timestamp } from '../../../schemas/column.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import { defineTable } from '../../../schemas/table.ts';
import { unitPartition, unitRead, unitRecord, unitSession } from '../../helpers/session.ts';
import { digestEntry } from '../../helpers/settled-digest.ts';

const table = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'], partOn: 'at' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
    list: id({ path: '$list', doc: 'List that the record belongs to.' }),
  },
});

/** A record stays in the list that showed it first, whichever other one shows it. */
const stream = {
  tables: [table] as const,
  partitions: () => ['x', 'y'].map(unitPartition),
  assignOwner: ({ partition, known = partition }: Sighting) => ({ group: known, context: { list: known } }),
};

/** One page of a list, as it is fetched. */
async function pageOf(session: StreamSession, list: string) {
  const read = unitRead(session, { kind: 'newest' });
  const { value: page } = await readPartition(session, read, unitPartition(list)).next();
  if (!page || !('number' in page)) throw new Error('no page');
  return page;
}

/** Takes one page of a list. @returns its rows that may have changed, as [id, group, list], and how many did */
async function take(session: StreamSession, list: string) {
  const page = await pageOf(session, list);
  const rows = await flattenPage(session, unitRead(session, { kind: 'newest' }), page);
  const listAt = columnIndex(table)('list');
  const { changed } = await diffPage(session, page, rows);
  return { rows: rows.map(({ row, group }) => [row.key, group, row.values[listAt]]), changed };
}

/** A session over settled rows of `a` and `b`, which list y showed first. */
async function settled(
  shown: readonly string[],
  hasProbes: boolean,
  change: Partial<CollectionStream> = {},
  settings: Partial<ReadSettings> = {},
) {
  const store = memoryStore();
  const options = { store, stream, tuning: { recentRows: 0, mostRecentRows: 0 } };
  const first = await unitSession({ ...options, answer: () => ({ records: [unitRecord('a'), unitRecord('b')] }) });
  expect((await take(first.session, 'y')).changed).toBe(2);
  await commitStream(first.session, 'ok');
  expect(first.session.digest.isSettled()).toBe(true);
  const { session } = await unitSession({
    ...{ ...options, settings },
    stream: { ...stream, ...change } as Partial<CollectionStream>,
    answer: () => ({ records: shown.map((one) => unitRecord(one)) }),
  });
  if (hasProbes) await session.digest.openProbes();
  return session;
}

describe.each([true, false])('settled records that several lists show (with probes: %s)', (hasProbes) => {
  test('stay in the list that they belong to, also where another one shows them', async () => {
    const session = await settled(['a', 'new'], hasProbes);
    const { rows, changed } = await take(session, 'x');
    expect(rows).toEqual([
      ['a', 'y', 'y'],
      ['new', 'x', 'x'],
    ]);
    expect(changed).toBe(1);
    expect(session.diff.takeCounts()).toMatchObject({ changed: 1, unchanged: 1 });
  });

  test('are unchanged in their own list; with probes, nothing of them is read', async () => {
    const session = await settled(['a', 'b'], hasProbes);
    const { rows, changed } = await take(session, 'y');
    expect([rows.length, changed]).toEqual([hasProbes ? 0 : 2, 0]);
    expect(session.digest.parts.entries.settled?.isLoaded('a')).toBe(!hasProbes);
    expect(session.diff.takeCounts()).toMatchObject({ changed: 0, unchanged: 2 });
  });

  test('are moved if their list is one from which the source moves what is known in it', async () => {
    const assignOwner = ({ partition, known }: Sighting) => {
      const group = known === 'y' ? 'x' : (known ?? partition);
      return { group, context: { list: group } };
    };
    const session = await settled(['a'], hasProbes, { assignOwner });
    const { rows, changed } = await take(session, 'y');
    expect([rows, changed]).toEqual([[['a', 'x', 'x']], 1]);
  });
});

test('settled records of a list whose history begins at a day are read, also without probes', async () => {
  const session = await settled(['a'], false, { window: { by: 'at', as: 'iso' } }, { historyDay: 0 });
  expect(session.isBeforeHistory).toBeDefined();
  expect((await take(session, 'y')).changed).toBe(0);
});

describe('a list that showed a record already', () => {
  const options = { answer: () => ({ records: [unitRecord('a')] }) };
  /** What the source is told of earlier lists when these ones show the record, one after the other, in one read. */
  async function earlierOf(lists: readonly string[], kind: 'newest' | 'sweep', isScanned = false) {
    let seen: readonly string[] | undefined;
    const assignOwner = (sighting: Sighting) => {
      seen = sighting.earlier;
      return stream.assignOwner(sighting);
    };
    const { session } = await unitSession({ ...options, stream: { ...stream, assignOwner } });
    if (isScanned) {
      session.digest.set('a', digestEntry('h', { group: 'x' }));
      await session.digest.scan.begin();
      session.digest.scan.show('a', SCANNED);
    }
    const read = unitRead(session, { kind, partitions: ['x', 'y'].map(unitPartition) });
    const earlier: (readonly string[] | undefined)[] = [];
    for (const list of lists) {
      await flattenPage(session, read, await pageOf(session, list));
      earlier.push(seen);
    }
    return earlier;
  }

  test('is no earlier one of the same read, for itself', async () => {
    const earlier = await earlierOf(['x', 'x', 'y', 'y', 'x'], 'newest');
    expect(earlier).toEqual([[], [], ['x'], ['x'], ['y']]);
  });

  test.each([
    { list: 'x', earlier: [] },
    { list: 'y', earlier: ['x'] },
  ])('in an earlier run of the full scan is $earlier for list $list', async ({ list, earlier }) => {
    expect(await earlierOf([list], 'sweep', true)).toEqual([earlier]);
  });
});
