import { hashColumns } from '../../schemas/derive/rehash.ts';
import { columnIndex } from '../../schemas/layout.ts';
import { ACCOUNT, BOOKKEEPING } from '../../schemas/standard-columns.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { hashAdder } from '../extract/changes/complete-row.ts';
import { dropSensitiveValues } from '../extract/redact/drop-sensitive.ts';
import type { FlatRow } from '../extract/rows/flatten.ts';
import { factColumns } from './seen-records.ts';
import type { RefillRow } from './stream-replay.ts';

/** Columns that stay as they were staged. */
const STAY = [ACCOUNT.name, ...BOOKKEEPING.map(({ name }) => name), '_op', '_row'];

/**
 * Compiles the refilling of a table's rows. A hash that cannot be made again, because its number is not kept, stays as it was staged; so
 * does what the row says about its partition.
 */
export function compileRefill(table: Table, hashKey: string): RefillRow {
  const at = columnIndex(table);
  const addHashes = hashAdder(table, hashKey);
  const stay = STAY.map(at);
  const hashes = hashColumns(table).map(at);
  const hiddenAt = at('_hidden');
  const facts = factColumns(table).map(([name]) => at(name));
  return (row, flat, isRedacted) => {
    const values = [...flat.values];
    for (const index of facts) values[index] = row[index] ?? values[index] ?? null;
    addHashes(values);
    if (flat.optedOut) dropSensitiveValues(table, values);
    for (const index of isRedacted ? values.keys() : hashes) values[index] ??= row[index] ?? null;
    if (isRedacted) values[hiddenAt] = row[hiddenAt] ?? values[hiddenAt] ?? null;
    for (const index of stay) values[index] = row[index] ?? null;
    return values;
  };
}

/** True if the staged row is of this version of its record: every value that it has is the version's. */
export function isOfVersion(table: Table, row: readonly Value[], flat: FlatRow): boolean {
  const at = columnIndex(table);
  return Object.keys(table.columns).every((name) => {
    const staged = row[at(name)] ?? null;
    return staged === null || isSame(staged, flat.values[at(name)] ?? null);
  });
}

/** True if both rows have the same values. */
export function isSameRow(one: readonly Value[], other: readonly Value[]): boolean {
  return one.every((value, n) => isSame(value, other[n] ?? null));
}

function isSame(one: Value, other: Value): boolean {
  return Object.is(one, other) || (Array.isArray(one) && JSON.stringify(one) === JSON.stringify(other));
}
