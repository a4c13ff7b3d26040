import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { readOne } from '../../../helpers/read-one.ts';
import { unitRecord, unitTable } from '../../../helpers/session.ts';

const page = (records: readonly unknown[]) => [{ records, more: false }];
const FIVE = ['a', 'b', 'c', 'd', 'e'];
const refusal = (seen: string, expected: string) =>
  new ContractError(
    `/calls: no record of this page has a field ${seen}; expected ${expected}. Nothing of it was kept; correct the declaration`,
    { source: 'unit', account: 'default', stream: 'calls' },
  );

describe('the first page of a stream', () => {
  test('is refused before a row is written if no record has a field of the key', async () => {
    const { outcome, shown } = await readOne(page([{ uuid: 'Jane Doe' }, { uuid: 'b' }]));
    expect(outcome.failure).toEqual(refusal('id', 'key column id of unit_calls'));
    expect(shown).toEqual([]);
  });

  test('is refused if no record has the field by which the list is declared to be sorted', async () => {
    const records = FIVE.map((id) => ({ id, start: 5 }));
    const { outcome, shown } = await readOne(page(records));
    expect(outcome.failure).toEqual(refusal('at', 'a field that the list is sorted by'));
    expect(shown).toEqual([]);
    expect((await readOne(page(records.slice(1)))).outcome.failure).toBeUndefined();
  });

  test.each([
    { says: 'one record has the key', records: [{ uuid: 'a' }, { id: 'b' }] },
    { says: 'one record has it as null', records: [{ id: null }] },
    { says: 'one record has the order', records: [unitRecord('a'), ...FIVE.slice(1).map((id) => ({ id }))] },
    { says: 'it has no record', records: [] },
    { says: 'it has other things than records', records: ['Jane Doe'] },
  ])('is taken if $says', async ({ records }) => {
    const { outcome, shown } = await readOne(page(records));
    expect(outcome.failure).toBeUndefined();
    expect(shown).toHaveLength(1);
  });

  test('is taken if a record was ever read, because the declaration was right then', async () => {
    const { outcome } = await readOne(page([{ uuid: 'a' }]), { known: ['z'] });
    expect(outcome.failure).toBeUndefined();
  });

  test('is not asked for a key that the request says', async () => {
    const { id, ...columns } = unitTable.columns;
    const stream = {
      tables: [{ ...unitTable, columns: { ...columns, id: { ...unitTable.columns['id'], paths: ['$id'] } } }],
    };
    expect(id).toBeDefined();
    const { outcome } = await readOne(page([{ at: 5 }]), {
      stream: stream as never,
      partition: { id: 'x', context: { id: 'k' } },
    });
    expect(outcome.failure).toBeUndefined();
  });
});
