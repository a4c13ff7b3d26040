import { escapeHtml } from '../html.ts';

/** A coordinate with one digit after the point. */
export function fix(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A drawing. Its colours and fonts come from the style of the page, so that they follow light, dark and print. */
export function svg(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(label)}">${parts.join('')}</svg>`;
}

/** Width of a chart on a wide page, and on a phone: two drawings, so that letters keep their size. */
const WIDTHS = { wide: 1040, narrow: 358 };

/** A chart drawn for both widths, of which the style shows one. @param draw called with the width */
export function forBothWidths(draw: (width: number, isNarrow: boolean) => string): string {
  return `<div class="wide">${draw(WIDTHS.wide, false)}</div><div class="narrow">${draw(WIDTHS.narrow, true)}</div>`;
}

/** A horizontal line of the grid with its label on the left. */
export function gridLine(
  y: number,
  label: string,
  { left, right }: { readonly left: number; readonly right: number },
): string {
  return `<line class="grid" x1="${left}" x2="${fix(right)}" y1="${fix(y)}" y2="${fix(y)}"/><text x="${left - 6}" y="${fix(y + 4)}" text-anchor="end">${label}</text>`;
}
