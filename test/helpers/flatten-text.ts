import { newRejects } from '../../functions/extract/rows/coerce.ts';
import type { StableKeys } from '../../functions/extract/rows/column-reader.ts';
import { compileFlatten, type FlatRow } from '../../functions/extract/rows/flatten.ts';
import { parseJson } from '../../functions/http/lossless-json.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import { testTexts } from './texts.ts';

/** Flattens one record of JSON text, parsed as a page is parsed. */
export function flattenText(
  tables: readonly [Table, ...Table[]],
  record: string,
  context: Readonly<Record<string, unknown>> = {},
  stableKeys: StableKeys = new Map(),
  texts = testTexts(),
) {
  const rejects = newRejects();
  const flat = compileFlatten(tables, { rejects, stableKeys, texts })(parseJson(record), context);
  return { flat, row: flat ? named(flat.row) : {}, ...rejects.take() };
}

/** Values of a row by name; nulls and an empty `_hidden` are left out. */
export function named({ table, values }: FlatRow): Record<string, unknown> {
  const entries = layoutOf(table).map(({ name }, n): [string, unknown] => [name, values[n]]);
  return Object.fromEntries(entries.filter(([name, value]) => value !== null && !(name === '_hidden' && value === '')));
}

/** A Zudu record that does not opt out. */
export const KEPT = '"opt_out_sensitive_data_storage":false';
