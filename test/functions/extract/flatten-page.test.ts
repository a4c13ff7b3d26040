import { describe, expect, test } from 'vitest';
import { flattenPage } from '../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../functions/extract/pages/pages.ts';
import { SCANNED, SHOWN } from '../../../functions/lake/digest/scan-notes.ts';
import { type Sighting, WHOLE_STREAM } from '../../../functions/source/page.ts';
import type { CollectionStream, Stream } from '../../../functions/source/source.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import { makePorts } from '../../helpers/ports.ts';
import {
  type UnitOptions,
  unitPartition,
  unitRead,
  unitRecord,
  unitSession,
  unitTable,
} from '../../helpers/session.ts';
import { digestEntry } from '../../helpers/settled-digest.ts';

const LISTS = ['x', 'y', 'z'].map(unitPartition);
const PAGE = { records: [unitRecord('a')], more: false };

/** A session, and its first page of a list, yet to be flattened. */
async function begin(options: UnitOptions, partition = unitPartition('x'), kind: 'sweep' | 'newest' = 'newest') {
  const { session } = await unitSession({ answer: () => PAGE, ...options });
  const read = unitRead(session, { kind, partitions: LISTS });
  const { value: page } = await readPartition(session, read, partition).next();
  if (!page || !('number' in page)) throw new Error('no page');
  return { session, read, flatten: () => flattenPage(session, read, page) };
}

interface Shown {
  readonly says: string;
  readonly kind?: 'sweep' | 'newest';
  /** A list of this run that has shown the record. */
  readonly seen?: string;
  /** No list has shown it in this full scan. */
  readonly isUnseen?: true;
  readonly earlier: readonly string[];
}

describe('lists that showed a record before are', () => {
  test.each<Shown>([
    { says: 'those of its group, if a run before has read them in this full scan', earlier: ['z'] },
    { says: 'those that this run has read, if there are any', seen: 'y', earlier: ['y'] },
    { says: 'none, where a read of what is new finds it', kind: 'newest', earlier: [] },
    { says: 'none, if no list has shown it in this full scan', isUnseen: true, earlier: [] },
  ])('$says', async ({ kind = 'sweep', seen, isUnseen = false, earlier }) => {
    const sightings: Sighting[] = [];
    const assignOwner = (sighting: Sighting) => {
      sightings.push(sighting);
      return { group: 'z', context: {} };
    };
    const stream: Partial<CollectionStream> = { partitions: () => LISTS, assignOwner };
    const { session, read, flatten } = await begin({ stream }, undefined, kind);
    session.digest.set('a', digestEntry('h', { group: 'z' }));
    await session.digest.scan.begin();
    if (!isUnseen) session.digest.scan.show('a', SCANNED);
    if (seen !== undefined) read.sightings.add('a', seen);
    await flatten();
    expect(sightings[0]).toMatchObject({ partition: 'x', known: 'z', earlier, isShownBeside: false });
  });

  test('and a record that a read of what is new has shown during the full scan is marked as such', async () => {
    const sightings: Sighting[] = [];
    const assignOwner = (sighting: Sighting) => {
      sightings.push(sighting);
      return { group: 'z', context: {} };
    };
    const { session, flatten } = await begin(
      { stream: { partitions: () => LISTS, assignOwner } as never },
      undefined,
      'sweep',
    );
    session.digest.set('a', digestEntry('h', { group: 'z' }));
    await session.digest.scan.begin();
    session.digest.scan.show('a', SHOWN);
    await flatten();
    expect(sightings[0]).toMatchObject({ earlier: [], isShownBeside: true });
  });
});

test.each<{ says: string; stream: Partial<Stream>; group: string | undefined }>([
  { says: 'a list of several', stream: { partitions: () => LISTS }, group: 'x' },
  { says: 'the only list', stream: {}, group: undefined },
  {
    says: 'details',
    stream: { partitions: () => LISTS, kind: 'details', parent: 'calls', parentTable: unitTable, isList: true },
    group: undefined,
  },
])('a record of $says belongs to the group $group', async ({ stream, group }) => {
  const { flatten } = await begin({ stream });
  expect((await flatten()).map((row) => row.group)).toEqual([group]);
});

test('of two versions of a record on one page, the last one counts, and that is noted', async () => {
  const records = [unitRecord('a', 0, 'first'), unitRecord('b'), unitRecord('a', 0, 'last')];
  const { session, flatten } = await begin({ answer: () => ({ records, more: false }) }, WHOLE_STREAM);
  const noteAt = columnIndex(unitTable)('note');
  expect((await flatten()).map(({ row }) => [row.key, row.values[noteAt]])).toEqual([
    ['b', 'n'],
    ['a', 'last'],
  ]);
  const reason = 'listed twice on its page, the last one counts';
  expect(session.rejects.take().rejects).toEqual([{ table: 'unit_calls', column: '', reason, count: 1 }]);
});

test.each([
  { says: 'no other list has shown', seen: [], count: 1 },
  { says: 'its own list has shown, as it was then', seen: ['x'], count: 1 },
  { says: 'another list has shown', seen: ['y'], count: 0 },
])('a wrong value of a record that $says is counted $count times', async ({ seen, count }) => {
  const records = [{ ...unitRecord('a'), at: 'no instant' }];
  const { session, read, flatten } = await begin({ stream: { partitions: () => LISTS }, answer: () => ({ records }) });
  for (const list of seen) read.sightings.add('a', list);
  await flatten();
  const { rejects } = session.rejects.take();
  expect(rejects.filter(({ column }) => column === 'at').length).toBe(count);
});

test('a large page lets signals and the lease have their turn after each 10,000 records', async () => {
  let turns = 0;
  const sleep = async () => {
    turns += 1;
  };
  const records = Array.from({ length: 20_001 }, () => null);
  const ports = { ...makePorts(), sleep } as never;
  const { flatten } = await begin({ ports, answer: () => ({ records, more: false }) }, WHOLE_STREAM);
  const before = turns;
  await flatten();
  expect(turns - before).toBe(2);
});
