import { expect, test } from 'vitest';
import { commitStream } from '../../../../functions/extract/commit/commit-stream.ts';
import { diffPage, flattenPage } from '../../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../../functions/extract/pages/pages.ts';
import type { StreamSession } from '../../../../functions/extract/session/session.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { id, timestamp } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { unitRead, unitSession } from '../../../helpers/session.ts';

const table = defineTable({
  ...{ name: 'unit_calls', source: 'unit', doc: 'Calls.', key: ['id'], partOn: 'at' },
  stableKey: { column: 'id', by: 'call' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    call: id({ path: 'call', doc: 'Id of the call.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
  },
});
const record = (call: string, id: string) => ({ id, call, at: '2026-11-01T08:00:00Z' });

/** A key that may be a name. */
const HELD: string = expect.stringMatching(/^~[0-9a-f]{32}$/);

/** Takes the one page of a list. @returns the keys of its records, and how many rows changed */
async function take(session: StreamSession) {
  const read = unitRead(session, { kind: 'newest' });
  const { value: page } = await readPartition(session, read, WHOLE_STREAM).next();
  if (!page || !('number' in page)) throw new Error('no page');
  const { changed } = await diffPage(session, page, await flattenPage(session, read, page));
  return { keys: page.keys, changed };
}

/** What a later run makes of a record, after a first run settled two others. */
async function later(shown: object, hasProbes: boolean) {
  const memory = memoryStore();
  let reads = 0;
  const store: MemoryStore = {
    ...memory,
    get(...given) {
      reads += 1;
      return memory.get(...given);
    },
  };
  const options = { store, stream: { tables: [table] as const }, tuning: { recentRows: 0, mostRecentRows: 0 } };
  const settled = [record('k1', 'first'), record('k2', 'other'), record('Jane Doe', 'named'), record('k4', 'Joe Roe')];
  const { session: before } = await unitSession({ ...options, answer: () => ({ records: settled }) });
  expect(await take(before)).toEqual({ keys: ['first', 'other', 'named', HELD], changed: 4 });
  await commitStream(before, 'ok');
  const { session } = await unitSession({ ...options, answer: () => ({ records: [shown] }) });
  expect(session.digest.isSettled()).toBe(true);
  if (hasProbes) await session.digest.openProbes();
  reads = 0;
  await session.loadFirstKeys?.([shown], {});
  const isLookedUp = reads > 0;
  return { ...(await take(session)), isLookedUp };
}

test.each([
  { says: 'still has its key', shown: record('k1', 'first'), key: 'first', changed: 0, isLookedUp: false },
  { says: 'has another key', shown: record('k1', 'second'), key: 'first', changed: 0, isLookedUp: true },
  { says: 'has the key of another call', shown: record('k1', 'other'), key: 'first', changed: 0, isLookedUp: true },
  {
    says: 'has a name instead of an id',
    shown: record('Jane Doe', 'second'),
    key: 'named',
    changed: 0,
    isLookedUp: true,
  },
  {
    says: 'has a key that is held as its hash',
    shown: record('k4', 'Joe Roe'),
    key: HELD,
    changed: 0,
    isLookedUp: false,
  },
  { says: 'is new', shown: record('k3', 'third'), key: 'third', changed: 1, isLookedUp: false },
])(
  'a call that $says is found by its first key; with probes, a settled one is looked up only if need be',
  async ({ shown, key, changed, isLookedUp }) => {
    expect(await later(shown, true)).toEqual({ keys: [key], changed, isLookedUp });
    expect(await later(shown, false)).toEqual({ keys: [key], changed, isLookedUp: true });
  },
);
