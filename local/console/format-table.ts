import { printable } from '../../functions/printable.ts';
import { showValue } from './show-value.ts';

const LONGEST_CELL = 60;
const GAP = '  ';

/** How to draw a table. */
export interface TableOptions {
  /** Longer cells are cut. @default 60 */
  readonly longest?: number;
}

/** Draws rows as aligned columns, with numbers aligned right. */
export function formatTable(
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
  { longest = LONGEST_CELL }: TableOptions = {},
): string {
  const heads = columns.map(printable);
  const isNumeric = columns.map(
    (_, n) => rows.some((row) => isNumber(row[n])) && rows.every((row) => fitsNumbers(row[n])),
  );
  const cells = rows.map((row) => columns.map((_, n) => cut(showCell(row[n]), longest)));
  const widths = heads.map((head, n) => Math.max(width(head), ...cells.map((row) => width(row[n] ?? ''))));
  const line = (texts: readonly string[]) =>
    texts
      .map((text, n) => pad(text, widths[n] ?? 0, isNumeric[n] === true))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((length) => '-'.repeat(length)).join(GAP);
  return [line(heads), rule, ...cells.map(line)].map((text) => `${text}\n`).join('');
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function fitsNumbers(value: unknown): boolean {
  return value === null || value === undefined || isNumber(value);
}

function showCell(value: unknown): string {
  // Line breaks and control characters would break the table, and may command a terminal.
  return value === null || value === undefined ? '' : printable(showValue(value));
}

function cut(text: string, longest: number): string {
  const letters = [...text];
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`;
}

function width(text: string): number {
  return [...text].length;
}

function pad(text: string, length: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, length - width(text)));
  return right ? `${blanks}${text}` : `${text}${blanks}`;
}
