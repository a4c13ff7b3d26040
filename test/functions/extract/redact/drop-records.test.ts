import { describe, expect, test } from 'vitest';
import type { FetchedPage } from '../../../../functions/extract/pages/fetched-page.ts';
import { dropRecords, withoutErased } from '../../../../functions/extract/redact/drop-records.ts';
import { redactPage } from '../../../../functions/extract/redact/redact-page.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';

const record = (id: string) => ({ id, note: 'n' });

describe('a body without some of its records', () => {
  test.each([
    {
      says: 'in a list',
      build: (a: object, b: object) => ({ data: [a, b, a] }),
      left: { data: [{ id: 'b', note: 'n' }] },
    },
    { says: 'in a list of lists', build: (a: object, b: object) => [[a], [b]], left: [[], [{ id: 'b', note: 'n' }]] },
    { says: 'as a field', build: (a: object) => ({ one: a, more: true }), left: { more: true } },
    { says: 'as the body itself', build: (a: object) => a, left: null },
  ])('loses those $says', ({ build, left }) => {
    const [a, b] = [record('a'), record('b')];
    const dropped = dropRecords(build(a, b), new Set([a]));
    expect(dropped.body).toEqual(left);
    expect(JSON.parse(dropped.bytes.toString())).toEqual(left);
  });

  test('keeps a record that is equal to one of them', () => {
    const [a, equal] = [record('a'), record('a')];
    expect(dropRecords([a, equal], new Set([a])).body).toEqual([equal]);
  });

  test('that is nested too deeply to be written again is null', () => {
    let deep: unknown = record('a');
    for (let n = 0; n < 100_000; n += 1) deep = [deep];
    const dropped = dropRecords(deep, new Set());
    expect([dropped.body, dropped.bytes.toString()]).toEqual([null, 'null']);
  });
});

describe('a page with erased records', () => {
  const pageOf = (ids: readonly string[]): FetchedPage => {
    const records = ids.map(record);
    const body = { data: records };
    const bytes = Buffer.from(JSON.stringify(body));
    return { partition: WHOLE_STREAM, number: 1, records, keys: ids, body, bytes };
  };
  const erasedKeyOf = (names: readonly string[]) => (value: unknown) => {
    const { id } = value as { id: string };
    return names.includes(id) ? `first ${id}` : undefined;
  };

  test('keeps them as evidence, by the keys that they had first, and loses their content', () => {
    const page = withoutErased(pageOf(['a', 'b', 'c']), erasedKeyOf(['b']));
    expect(page.keys).toEqual(['a', 'first b', 'c']);
    expect(page.records).toHaveLength(3);
    expect([...(page.erased ?? [])]).toEqual([record('b')]);
    expect(page.body).toEqual({ data: [record('a'), record('c')] });
    expect(JSON.parse(page.bytes.toString())).toEqual(page.body);
  });

  test('is as it was if there are none', () => {
    const page = pageOf(['a', 'b']);
    expect(withoutErased(page, erasedKeyOf([]))).toBe(page);
  });
});

describe('the bytes of a page whose records are redacted', () => {
  const drop = (value: unknown) => void Reflect.set(value as object, 'note', null);
  /** Redacts records of a body as served, and reads the bytes again. */
  const redact = (text: string, choose: (body: { data: object[] }) => readonly object[]) => {
    const body = JSON.parse(text);
    return Buffer.concat(
      redactPage({ body, bytes: Buffer.from(text), records: choose(body) }, choose(body), drop) ?? [],
    ).toString();
  };

  test('stay as served but for the records', () => {
    const text = '{"data" : [{"id":"a","note":"n"}, {"id":"b","note":"n"}] }';
    expect(redact(text, ({ data }) => data.slice(1))).toBe(
      '{"data" : [{"id":"a","note":"n"}, {"id":"b","note":null}] }',
    );
    expect(redact(text, ({ data }) => [...data].reverse())).toBe(
      '{"data" : [{"id":"a","note":null}, {"id":"b","note":null}] }',
    );
  });

  test.each([
    { says: 'twice', text: '{"data": [{"id":"a","note":"n"}, {"id":"a","note":"n"}]}', left: ['n', null] },
    { says: 'in another form', text: '{"data": [{"id":"b","note":"n"}, {"id": "a", "note":"n"}]}', left: ['n', null] },
  ])('are written again if a record is there $says', ({ text, left }) => {
    const written = redact(text, ({ data }) => data.slice(1));
    expect(written).not.toContain(': ');
    expect(JSON.parse(written).data.map(({ note }: { note: unknown }) => note)).toEqual(left);
  });

  test('are written again if a record is within another one', () => {
    const text = '{"data": [{"id":"a","note":"n","below":{"id":"b","note":"n"}}]}';
    const written = redact(text, ({ data }) => [data[0] ?? {}, (data[0] as { below: object }).below]);
    expect(JSON.parse(written)).toEqual({ data: [{ id: 'a', note: null, below: { id: 'b', note: null } }] });
  });

  test('are none if they are nested too deeply', () => {
    let deep: unknown = 1;
    for (let n = 0; n < 100_000; n += 1) deep = [deep];
    expect(redactPage({ body: deep, bytes: Buffer.from(''), records: [] }, [record('a')], drop)).toBeUndefined();
  });
});
