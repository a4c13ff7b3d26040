import { columnIndex } from '../../../schemas/layout.ts';
import { dayOf } from '../../time.ts';
import type { FlatRow } from '../rows/flatten.ts';

/** Days and instants that stay with a row for ever. */
export interface RowOrigin {
  /** `_part_on`, days since the epoch. */
  readonly partOn: number;
  /** `_first_seen_at`, ms since the epoch. */
  readonly firstSeenAt: number;
}

/** `_part_on` is the day of the vendor's instant that never changes; without one, the day of this run. */
export function originOf({ table, values }: FlatRow, at: number): RowOrigin {
  const { partOn } = table;
  const value = partOn === undefined ? null : values[columnIndex(table)(partOn)];
  if (partOn === undefined || typeof value !== 'number') return { partOn: dayOf(at), firstSeenAt: at };
  return { partOn: table.columns[partOn]?.type === 'date' ? value : dayOf(value), firstSeenAt: at };
}
