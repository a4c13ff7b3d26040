import { layoutOf } from '../layout.ts';
import type { Table } from '../table.ts';
import { hashColumns } from './rehash.ts';

/**
 * Why a row loses its sensitive values: `redact`, because the caller opted out, keeps the hashes of phone numbers; `blank`, because the
 * vendor removed the record and the setting says so, keeps none.
 */
export type Emptying = 'redact' | 'blank';

/** Columns that are null afterwards, in either half: the sensitive ones, `_extra`, and hashes. */
export function emptiedColumns(table: Table, by: Emptying): readonly string[] {
  const { key, columns } = table;
  const sensitive = layoutOf(table).filter(
    ({ name, placement }) => placement === 'phi' || (columns[name]?.sensitive && !key.includes(name)),
  );
  const kept = by === 'blank' ? [] : phoneHashes(table);
  return [...sensitive.map(({ name }) => name), ...hashColumns(table).filter((name) => !kept.includes(name))];
}

function phoneHashes({ columns, callerNumber }: Table): readonly string[] {
  const hashed = Object.keys(columns).filter((name) => columns[name]?.hash === 'phone');
  return [...hashed.map((name) => `${name}_hash`), ...(callerNumber ? ['_caller_hash'] : [])];
}
