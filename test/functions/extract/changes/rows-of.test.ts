import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../functions/extract/changes/follow-parents.ts';
import { joinKey, newDigest } from '../../../../functions/lake/digest.ts';
import type { DetailsStream } from '../../../../functions/source/source.ts';
import { bigint, id } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const key = (path: string) => id({ path, nullable: false, doc: 'Id.' });
const calls = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['line', 'id'] },
  columns: { line: key('line'), id: key('id') },
});
/** Its key has the parts of the record's in another order, and one of its own between them. */
const turns = defineTable({
  ...{ name: 'turns', source: 'nova', doc: 'Turns.', key: ['call_id', 'n', 'line'] },
  columns: { call_id: key('$id'), n: bigint({ path: 'n', nullable: false, doc: 'Number.' }), line: key('$line') },
});
const stream = (isList: boolean) => ({ isList, tables: [turns], parentTable: calls }) as unknown as DetailsStream;

describe('the rows of a record’s details', () => {
  const row = (line: string, call: string, n: bigint) => joinKey([call, n, line]);
  const digestOf = (keys: readonly string[]) => {
    const digest = newDigest();
    for (const one of keys) digest.set(one, digestEntry('h'));
    return digest;
  };

  test('that are a list are those whose keys hold the key of the record', async () => {
    const digest = digestOf([row('a', '1', 1n), row('a', '2', 1n), row('b', '1', 1n), row('a', '1', 2n)]);
    const rows = (line: string, call: string) => rowsOf(digest, stream(true), joinKey([line, call]));
    expect(await rows('a', '1')).toEqual([row('a', '1', 1n), row('a', '1', 2n)]);
    expect(await rows('b', '1')).toEqual([row('b', '1', 1n)]);
    expect(await rows('b', '2')).toEqual([]);
    expect(await rows('1', 'a')).toEqual([]);
  });

  test('that are one object are the row with the key of the record, if there is one', async () => {
    const digest = digestOf(['c1']);
    expect(await rowsOf(digest, stream(false), 'c1')).toEqual(['c1']);
    expect(await rowsOf(digest, stream(false), 'c2')).toEqual([]);
  });
});
