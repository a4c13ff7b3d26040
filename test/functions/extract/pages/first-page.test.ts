import { describe, expect, test } from 'vitest';
import { readOne } from '../../../helpers/read-one.ts';
import { unitRecord, unitTable } from '../../../helpers/session.ts';

const page = (records: readonly unknown[]) => [{ records, more: false }];
const FIVE = ['a', 'b', 'c', 'd', 'e'];
const missing = (field: string, expected: string) =>
  `/calls: no record of this page has a field ${field}; expected ${expected}; correct the declaration`;

describe('the first page of a stream', () => {
  test('fails the stream if no record has a field of the key, and is kept raw', async () => {
    const { session, shown } = await readOne(page([{ uuid: 'Jane Doe' }, { uuid: 'b' }]));
    expect(session.progress.result('failed')).toMatchObject({
      exitCode: 4,
      error: `unit.calls: ${missing('id', 'key column id of unit_calls')}. Its records are kept raw`,
    });
    expect(shown).toEqual([[undefined, undefined]]);
  });

  test.each([
    { says: 'is an object', seen: 'is an object', records: ['Jane Doe'] },
    { says: 'is an object, but null', seen: 'is an object', records: [null, null] },
    { says: 'has a usable key', seen: 'has a usable key', records: FIVE.map(() => ({ id: ' ', note: 'Jane Doe' })) },
  ])('fails the stream if no record $says', async ({ seen, records }) => {
    const { session, shown } = await readOne(page(records));
    expect(session.progress.result('failed')).toMatchObject({
      exitCode: 4,
      error:
        `unit.calls: /calls: no record of this page ${seen}; expected key column id of unit_calls; correct the declaration. ` +
        'Its records are kept raw',
    });
    expect(shown).toHaveLength(1);
  });

  test('is taken with a warning if no record has the field by which the list is declared to be sorted', async () => {
    const records = FIVE.map((id) => ({ id, start: 5 }));
    const { ports, result, shown } = await readOne(page(records));
    expect(ports.lines.map(({ message }) => message)).toEqual([missing('at', 'a field that the list is sorted by')]);
    expect(result.exitCode).toBe(0);
    expect(shown).toEqual([FIVE]);
    expect((await readOne(page(records.slice(1)))).ports.lines).toEqual([]);
  });

  test.each([
    { says: 'one record has the key', records: [{ uuid: 'a' }, { id: 'b' }], warnings: 1 },
    { says: 'one record has it as null', records: [{ id: null }], warnings: 1 },
    { says: 'one record has the order', records: [unitRecord('a'), ...FIVE.slice(1).map((id) => ({ id }))] },
    {
      says: 'one of five records has a key',
      records: [unitRecord('a'), ...FIVE.slice(1).map(() => unitRecord(' '))],
      warnings: 1,
    },
    { says: 'it has no record', records: [] },
  ])('is taken if $says', async ({ records, warnings = 0 }) => {
    const { result, ports, shown } = await readOne(page(records));
    expect([result.exitCode, ports.lines.length]).toEqual([0, warnings]);
    expect(shown).toHaveLength(1);
  });

  test('is taken if a record was ever read, because the declaration was right then', async () => {
    const { result } = await readOne(page([{ uuid: 'a' }]), { known: ['z'] });
    expect(result.exitCode).toBe(0);
  });

  test('may be followed by one of five records or more that have no key, which fails the stream too', async () => {
    const later = page(FIVE.map((uuid) => ({ uuid })));
    expect((await readOne(later, { known: ['z'] })).session.progress.result('failed').error).toContain(
      missing('id', 'key column id of unit_calls'),
    );
  });

  test('is not asked for a key that the request says', async () => {
    const { id, ...columns } = unitTable.columns;
    const stream = {
      tables: [{ ...unitTable, columns: { ...columns, id: { ...unitTable.columns['id'], paths: ['$id'] } } }],
    };
    expect(id).toBeDefined();
    const { result } = await readOne(page([{ at: 5 }]), {
      stream: stream as never,
      partition: { id: 'x', context: { id: 'k' } },
    });
    expect(result.exitCode).toBe(0);
  });
});
