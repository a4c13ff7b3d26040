import type { RowFormat } from '../../local/console/row-format.ts';

/** Text of rows that come one by one. */
export function inFormat({ add, end }: RowFormat, rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => add([row])).join('') + end();
}
