import { describe, expect, test } from 'vitest';
import { commitStream } from '../../../functions/extract/commit/commit-stream.ts';
import { diffPage, flattenPage } from '../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../functions/extract/pages/pages.ts';
import type { ReadSettings, StreamSession } from '../../../functions/extract/session/session.ts';
import type { Sighting } from '../../../functions/source/page.ts';
import type { CollectionStream } from '../../../functions/source/source.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { id, timestamp } from '../../../schemas/column.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import { defineTable } from '../../../schemas/table.ts';
import { unitPartition, unitRead, unitRecord, unitSession } from '../../helpers/session.ts';

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

/** Takes one page of a list. @returns its rows that may have changed, as [id, group, list], and how many did */
async function take(session: StreamSession, list: string) {
  const { value: page } = await readPartition(
    session,
    unitRead(session, { kind: 'newest' }),
    unitPartition(list),
  ).next();
  if (!page || !('number' in page)) throw new Error('no page');
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
