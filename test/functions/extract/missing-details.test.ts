import { expect, test } from 'vitest';
import { diffPage, flattenPage } from '../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../functions/extract/pages/pages.ts';
import { joinKey } from '../../../functions/lake/digest.ts';
import type { DetailsStream } from '../../../functions/source/source.ts';
import { id, text } from '../../../schemas/column.ts';
import { defineTable } from '../../../schemas/table.ts';
import { unitRead, unitSession, unitTable } from '../../helpers/session.ts';

const notes = defineTable({
  ...{ name: 'unit_notes', source: 'unit', doc: 'Notes of a call.', key: ['call_id', 'id'] },
  columns: {
    call_id: id({ path: '$id', nullable: false, doc: 'Call.' }),
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    words: text({ path: 'words', doc: 'Words.' }),
  },
});
const stream: Partial<DetailsStream> = {
  ...{ kind: 'details', parent: 'calls', parentTable: unitTable, isList: true, tables: [notes] },
};

/** Reads the notes of one call again and again. @returns for each reading how many rows changed */
async function changesOf(...readings: readonly (readonly object[])[]): Promise<readonly number[]> {
  let n = 0;
  const { session } = await unitSession({ stream, answer: () => ({ records: readings[n++], more: false }) });
  session.digest.set(joinKey(['another call', 'x']), { contentHash: 'h', partOn: 1, firstSeenAt: 1 });
  const changes: number[] = [];
  for (const _ of readings) {
    const read = unitRead(session, { kind: 'details' });
    const { value: page } = await readPartition(session, read, { id: 'call', context: { id: 'call' } }).next();
    if (!page || !('number' in page)) throw new Error('no page');
    changes.push((await diffPage(session, page, await flattenPage(session, read, page))).changed);
  }
  return changes;
}

const note = (name: string, words = '-') => ({ id: name, words });

test.each([
  { says: 'without one of them', second: [note('a')], changed: 1 },
  { says: 'without one of them and with another changed', second: [note('a', 'new')], changed: 2 },
  { says: 'with all of them', second: [note('a'), note('b')], changed: 0 },
])('a list of details that is read again $says has $changed changes', async ({ second, changed }) => {
  expect(await changesOf([note('a'), note('b')], second)).toEqual([2, changed]);
});
