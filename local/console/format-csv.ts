import type { RowFormat } from './row-format.ts';
import { showValue } from './show-value.ts';

/** The beginning of a formula in a spreadsheet, which skips blanks and characters without a shape, and reads full-width signs too. */
const FORMULA = /^[\s\p{Cc}\p{Cf}\p{Z}]*[=+\-@|%＝＋－＠｜％]|^[\t\r]/u;
/** A number, an instant without end or a telephone number, which is harmless even as a formula. */
const NUMBER = /^[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|infinity)$/;
/** Separators of all spreadsheets' languages: without quotes, `a;=1+1` would be two cells, and the second one a formula. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * Rows as CSV (RFC 4180 with plain line feeds). Null is an empty cell, empty text is `""`. Text that a spreadsheet would run as a
 * formula gets a leading apostrophe; numbers never do.
 */
export function csvFormat(columns: readonly string[]): RowFormat {
  let head = csvLine(columns);
  const before = () => {
    const text = head;
    head = '';
    return text;
  };
  return { add: (rows) => before() + rows.map(csvLine).join(''), end: before };
}

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = showValue(value);
  const safe = typeof value === 'string' && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === '' || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
