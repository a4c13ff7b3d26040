import { showValue } from './show-value.ts';

/** The beginning of a formula in a spreadsheet. */
const FORMULA = /^[=+\-@\t\r]/;
/** A number or a telephone number, which is harmless even as a formula. */
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * Rows as CSV (RFC 4180 with plain line feeds). Null is an empty cell, empty text is `""`. Text that a spreadsheet would run as a
 * formula gets a leading apostrophe; numbers never do.
 */
export function* formatCsv(columns: readonly string[], rows: Iterable<readonly unknown[]>): Iterable<string> {
  yield `${columns.map(csvCell).join(',')}\n`;
  for (const row of rows) yield `${row.map(csvCell).join(',')}\n`;
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = showValue(value);
  const safe = typeof value === 'string' && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === '' || NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
