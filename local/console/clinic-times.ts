import type { QueryResult } from '../../functions/ports.ts';

/** Shows timestamps on the clinic's clock without the Z of UTC: `2026-10-30T13:40:41.000`. @param isClinicTime test of a column's name */
export function withoutZone(
  { columns, rows, zoned = [], ...rest }: QueryResult,
  isClinicTime: (column: string) => boolean,
): QueryResult {
  const places = new Set(columns.flatMap((name, n) => (isClinicTime(name) && !zoned.includes(n) ? [n] : [])));
  if (places.size === 0) return { ...rest, columns, rows, zoned };
  const shown = rows.map((row) => row.map((value, n) => (places.has(n) ? localTime(value) : value)));
  return { ...rest, columns, rows: shown, zoned };
}

function localTime(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().slice(0, -1) : value;
}
