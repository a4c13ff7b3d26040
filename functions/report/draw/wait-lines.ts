import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { WeekWait } from '../facts.ts';
import { dayAndMonth, duration } from '../words.ts';
import { fix, gridLine, svg } from './svg.ts';

/** How the lines of the wait are drawn. */
export interface WaitLinesOptions {
  readonly label: string;
  readonly width: number;
  readonly isNarrow: boolean;
  /** Last days of all weeks, oldest first. */
  readonly weeks: readonly string[];
  /** Wait that a call should not exceed, s. */
  readonly target: number;
}

const HEIGHT = 210;
const TOP = 22;
const BOTTOM = HEIGHT - 30;
const LEFT = 46;
/** Least distance of two labels. */
const LABEL_STEP = 16;

/** The median and the 95th percentile of the wait by week: named where the lines begin, with the newest value where they end. */
export function waitLines(waits: readonly WeekWait[], options: WaitLinesOptions): string {
  const { label, width, isNarrow, weeks, target } = options;
  const right = width - (isNarrow ? 76 : 100);
  const most = Math.max(target * 1.25, ...waits.map(({ p95 }) => p95));
  const y = scaleLinear([0, most], [BOTTOM, TOP]).nice(4);
  const x = scaleLinear([0, Math.max(1, weeks.length - 1)], [LEFT + 10, right - 6]);
  const place = (wait: WeekWait) => x(weeks.indexOf(wait.to));
  const curve = (kind: string, of: (wait: WeekWait) => number) => {
    const path = line<WeekWait>(place, (wait) => y(of(wait))).digits(1)(waits) ?? '';
    const dots = waits.map((wait) => `<circle r="3" cx="${fix(place(wait))}" cy="${fix(y(of(wait)))}"/>`);
    return `<g class="${kind}"><path d="${path}"/>${dots.join('')}</g>`;
  };
  const [first, last] = [waits.at(0), waits.at(-1)];
  const parts = [
    ...y.ticks(4).map((tick) => gridLine(y(tick), duration(tick), { left: LEFT, right })),
    ...dates(weeks, { x, isNarrow }),
    `<line class="target" x1="${LEFT}" x2="${right}" y1="${fix(y(target))}" y2="${fix(y(target))}"/>`,
    curve('p95', ({ p95 }) => p95),
    curve('median', ({ median }) => median),
    ...labels(LEFT + 8, [
      ...(first ? [{ y: y(first.median) - 11, kind: 'strong', text: 'half of callers' }] : []),
      ...(first ? [{ y: y(first.p95) - 11, kind: 'warn', text: '19 of 20 callers' }] : []),
      { y: y(target) - 9, kind: '', text: `target ${duration(target)}` },
    ]),
    ...labels(right + 8, [
      ...(last ? [{ y: y(last.median), kind: 'strong', text: duration(last.median) }] : []),
      ...(last ? [{ y: y(last.p95), kind: 'warn', text: duration(last.p95) }] : []),
    ]),
  ];
  return svg(width, HEIGHT, label, parts);
}

/** Last days of the weeks, as many as there is room for, the newest always. */
function dates(
  weeks: readonly string[],
  { x, isNarrow }: { readonly x: (place: number) => number; readonly isNarrow: boolean },
): readonly string[] {
  const every = Math.ceil(weeks.length / (isNarrow ? 4 : 13));
  return weeks.flatMap((to, n) =>
    (weeks.length - 1 - n) % every === 0
      ? [`<text x="${fix(x(n))}" y="${HEIGHT - 10}" text-anchor="middle">${dayAndMonth(to)}</text>`]
      : [],
  );
}

interface Label {
  readonly y: number;
  readonly kind: string;
  readonly text: string;
}

/** Labels from the top down; one that would cover the one above moves down, and all move up if there is no room. */
function labels(x: number, list: readonly Label[]): readonly string[] {
  const sorted = [...list].sort((a, b) => a.y - b.y);
  const places: number[] = [];
  for (const { y } of sorted) places.push(Math.max(y, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + LABEL_STEP));
  const excess = Math.max(0, (places.at(-1) ?? 0) - BOTTOM);
  return sorted.map(({ kind, text }, n) => {
    return `<text class="label ${kind}" x="${x}" y="${fix((places[n] ?? 0) - excess + 4)}">${text}</text>`;
  });
}
