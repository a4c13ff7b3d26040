import { printable } from '../../functions/printable.ts';
import type { RowFormat } from './row-format.ts';
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
  options?: TableOptions,
): string {
  const format = tableFormat(columns, options);
  return format.add(rows) + format.end();
}

/** The columns are as wide as the first rows need: 10,000 or a few more. A cell that comes later may be wider than its column. */
const MEASURED_ROWS = 10_000;

/** Rows as aligned columns, with numbers aligned right. */
export function tableFormat(columns: readonly string[], { longest = LONGEST_CELL }: TableOptions = {}): RowFormat {
  const heads = columns.map(printable);
  const hasNumber = columns.map(() => false);
  const hasOther = columns.map(() => false);
  const measured: string[][] = [];
  let draw: ((cells: readonly string[]) => string) | undefined;

  const cellsOf = (row: readonly unknown[]) =>
    columns.map((_, n) => {
      if (isNumber(row[n])) hasNumber[n] = true;
      else if (!fitsNumbers(row[n])) hasOther[n] = true;
      return cut(showCell(row[n]), longest);
    });
  const begin = () => {
    const widths = heads.map((head, n) =>
      measured.reduce((widest, row) => Math.max(widest, width(row[n] ?? '')), width(head)),
    );
    const isNumeric = columns.map((_, n) => hasNumber[n] === true && hasOther[n] !== true);
    const line = (texts: readonly string[]) =>
      `${texts
        .map((text, n) => pad(text, widths[n] ?? 0, isNumeric[n] === true))
        .join(GAP)
        .trimEnd()}\n`;
    draw = line;
    const rule = widths.map((length) => '-'.repeat(length)).join(GAP);
    return [line(heads), `${rule}\n`, ...measured.splice(0).map(line)].join('');
  };
  return {
    add(rows) {
      const cells = rows.map(cellsOf);
      if (draw) return cells.map(draw).join('');
      for (const row of cells) measured.push(row);
      return measured.length < MEASURED_ROWS ? '' : begin();
    },
    end: () => (draw ? '' : begin()),
  };
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
