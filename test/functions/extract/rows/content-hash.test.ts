import { describe, expect, test } from 'vitest';
import { bigint, id, json, label, text } from '../../../../schemas/column.ts';
import { defineTable, type Table } from '../../../../schemas/table.ts';
import { zuduCalls } from '../../../../schemas/tables/zudu.ts';
import { flattenText, KEPT } from '../../../helpers/flatten-text.ts';

describe('the content hash of a row', () => {
  const hash = (record: string, tables: readonly [Table, ...Table[]] = [zuduCalls]) =>
    flattenText(tables, record).flat?.row.contentHash;
  const call = (more: string) => hash(`{"call_id":"a",${KEPT},${more}}`);

  test('is the same for any signature of a URL, and differs for another URL', () => {
    const signed = (path: string, sig: string) => call(`"recording_url":"https://x/${path}?sig=${sig}"`);
    expect(signed('a.mp4', '1')).toBe(signed('a.mp4', '2'));
    expect(signed('a.mp4', '1')).not.toBe(signed('b.mp4', '1'));
    expect(call('"recording_url":null')).not.toBe(call('"recording_url":""'));
    expect(call('"transcript":null')).not.toBe(call('"transcript":"null"'));
  });

  test.each([
    ['a value', '"transcript":"a"', '"transcript":"b"'],
    ['a value and its neighbour', '"transcript":"a"', '"transcript_object":"a"'],
    ['an unknown field', '"new":1', '"new":2'],
    ['a value that is refused', '"call_duration":null', '"call_duration":"long"'],
  ])('changes with %s', (_what, before, after) => {
    expect(call(before)).not.toBe(call(after));
  });

  test('does not depend on the order of fields, and is the same for null and a missing field', () => {
    expect(hash(`{"call_id":"a",${KEPT},"transcript":null}`)).toBe(hash(`{${KEPT},"call_id":"a"}`));
  });

  test('changes with the declaration, so that every row is staged again', () => {
    const table = (columns: Table['columns']) =>
      defineTable({
        name: 't',
        source: 's',
        doc: '.',
        key: ['id'],
        columns: { id: id({ path: 'id', doc: '.' }), ...columns },
      });
    const hashes = [
      table({}),
      table({ a: text({ path: 'a', doc: '.' }) }),
      table({ a: json({ path: 'a', doc: '.' }) }),
      table({ a: bigint({ path: 'a', doc: '.' }) }),
      table({ a: text({ path: 'b', doc: '.' }) }),
      table({ a: id({ path: 'a', doc: '.' }) }),
      table({ a: label({ path: 'a', doc: '.' }) }),
      table({ a: text({ path: 'a', doc: '.', showsNamed: true }) }),
      table({ a: text({ path: 'a', doc: '.', hash: 'phone' }) }),
    ].map((one) => hash('{"id":"1"}', [one]));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('does not change between releases, so that an upgrade does not stage every row again', () => {
    const table = defineTable({
      name: 't',
      source: 's',
      doc: '.',
      key: ['id'],
      columns: {
        id: id({ path: ['id', 'uuid'], nullable: false, doc: '.' }),
        count: bigint({ path: 'stats.count', unit: 'calls', doc: '.' }),
        phone: text({ path: 'phone', hash: 'phone', doc: '.' }),
        link: text({ path: 'link', url: true, doc: '.' }),
      },
    });
    const record = '{"uuid":"a","stats":{"count":3},"phone":"1","link":"https://x/y?sig=1","new":[1]}';
    expect(hash(record, [table])).toBe('yxt-TYVg9rBi750vIXrR3-');
  });
});
