import { describe, expect, test } from 'vitest';
import { originOf, type RowOperation, rowCompleter } from '../../../../functions/extract/changes/complete-row.ts';
import { keyedHash } from '../../../../functions/extract/rows/hashes.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { bigint, code, id, text } from '../../../../schemas/column.ts';
import { columnIndex, layoutOf } from '../../../../schemas/layout.ts';
import { defineTable, type Table } from '../../../../schemas/table.ts';
import { kalemCalls } from '../../../../schemas/tables/kalem.ts';
import { kismetDailyCallMetrics } from '../../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../../schemas/tables/solum.ts';
import type { Value } from '../../../../schemas/value.ts';

const KEY = 'k'.repeat(32);

const table = (caller?: Table['callerNumber']): Table =>
  defineTable({
    name: 'unit_calls',
    source: 'unit',
    doc: 'Calls.',
    key: ['id'],
    ...(caller ? { callerNumber: caller } : {}),
    columns: {
      id: id({ path: 'id', nullable: false, doc: 'Id.' }),
      way: code('inbound', 'outbound')({ path: 'way', doc: 'Direction.' }),
      from_number: text({ path: 'from', hash: 'phone', doc: 'From.' }),
      to_number: text({ path: 'to', hash: 'phone', doc: 'To.' }),
      seconds: bigint({ path: 'seconds', hash: 'phone', doc: 'Seconds.' }),
    },
  });
const AT = 1_793_523_600_000;
const ORIGIN = { partOn: 19_000, firstSeenAt: 5 };

function complete(of: Table, given: Readonly<Record<string, Value>>, operation: RowOperation = 'upsert') {
  let n = 3;
  const completer = rowCompleter({
    account: 'north',
    at: AT,
    hashKey: KEY,
    commit: () => ({ n, loadId: `load-${n}` }),
  });
  const index = columnIndex(of);
  const row = () => {
    const values = new Array<Value>(layoutOf(of).length).fill(null);
    for (const [name, value] of Object.entries(given)) values[index(name)] = value;
    const { values: done } = completer(of, values, ORIGIN, operation);
    return (name: string) => done[index(name)];
  };
  const first = row();
  n = 4;
  return { first, second: row() };
}

describe('a completed row', () => {
  test.each([
    { operation: 'upsert', deletedAt: null },
    { operation: 'delete', deletedAt: AT },
    { operation: 'blank', deletedAt: AT },
  ] as const)('has operation $operation and its instant', ({ operation, deletedAt }) => {
    const { first } = complete(table(), { id: 'a' }, operation);
    const added = ['_op', '_deleted_at', '_changed_at', '_part_on', '_first_seen_at', 'account', 'id'];
    expect(added.map(first)).toEqual([operation, deletedAt, AT, 19_000, 5, 'north', 'a']);
  });

  test('has the number of the commit being prepared, and a number of its own', () => {
    const { first, second } = complete(table(), { id: 'a' });
    const names = ['_seq', '_load_id', '_row'];
    expect(names.map(first)).toEqual([3n, 'load-3', 1n]);
    expect(names.map(second)).toEqual([4n, 'load-4', 2n]);
  });

  test('has a keyed hash of the exact text beside each hashed column, and no hash of a null', () => {
    const { first } = complete(table(), { id: 'a', from_number: ' 555 ', seconds: 12n });
    expect(first('from_number_hash')).toBe(keyedHash('phone', ' 555 ', KEY));
    expect(first('seconds_hash')).toBe(keyedHash('phone', '12', KEY));
    expect(first('to_number_hash')).toBeNull();
  });
});

describe('the caller of a call', () => {
  const caller = { inbound: 'from_number', outbound: 'to_number', direction: 'way' };
  const [from, to] = [keyedHash('phone', '+15551230000', KEY), keyedHash('phone', '+15559990000', KEY)];
  const numbers = { from_number: '(555) 123-0000', to_number: '+1 555 999 0000' };

  test.each([
    { way: 'inbound', hash: from },
    { way: 'INBOUND', hash: from },
    { way: 'Outbound', hash: to },
    { way: 'outbound', hash: to },
    { way: 'sideways', hash: null },
    { way: null, hash: null },
  ])('of an $way call has the hash $hash', ({ way, hash }) => {
    expect(complete(table(caller), { id: 'a', way, ...numbers }).first('_caller_hash')).toBe(hash);
  });

  test.each([
    { way: 'incoming', hash: from },
    { way: 'Outbound-API', hash: to },
    { way: 'outbound dial', hash: to },
    { way: 'inbound', hash: from },
    { way: 'internal', hash: null },
  ])('of an $way call has the hash $hash, if the vendor has words of its own', ({ way, hash }) => {
    const words = { inbound: ['incoming'], outbound: ['outbound-api', 'outbound-dial'] };
    const done = complete(table({ ...caller, words }), { id: 'a', way, ...numbers });
    expect(done.first('_caller_hash')).toBe(hash);
  });

  test('has no hash if the number is missing or withheld', () => {
    const hashOf = (number: string | null) =>
      complete(table(caller), { id: 'a', way: 'inbound', from_number: number }).first('_caller_hash');
    expect([hashOf(null), hashOf('anonymous')]).toEqual([null, null]);
  });

  test('is the customer’s number if the vendor has no directions', () => {
    const hash = complete(solumCalls, { id: 'a', customer_number: '5551230000' }).first('_caller_hash');
    expect(hash).toBe(from);
  });
});

describe('the day of a row', () => {
  const rowOf = (of: Table, given: Readonly<Record<string, Value | undefined>>) => {
    const values = new Array<Value>(layoutOf(of).length).fill(null);
    for (const [name, value = null] of Object.entries(given)) values[columnIndex(of)(name)] = value;
    return originOf({ table: of, key: 'k', values, contentHash: '', optedOut: false, alias: undefined }, AT);
  };
  const today = Math.floor(AT / DAY_MS);

  test.each([
    {
      says: 'the UTC day of its instant',
      of: solumCalls,
      given: { created_at: 20_000 * DAY_MS + DAY_MS - 1 },
      day: 20_000,
    },
    { says: 'the day of an instant before 1970', of: solumCalls, given: { created_at: -1 }, day: -1 },
    { says: 'its own date', of: kismetDailyCallMetrics, given: { date: 20_001 }, day: 20_001 },
    { says: 'that of the run if the instant is null', of: solumCalls, given: { created_at: null }, day: today },
    {
      says: 'that of the run if the table is not partitioned by a column',
      of: kalemCalls,
      given: { started_at: 5 },
      day: today,
    },
  ])('is $says', ({ of, given, day }) => {
    expect(rowOf(of, given)).toEqual({ partOn: day, firstSeenAt: AT });
  });
});
