import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { weekdayOf } from '../period.ts';
import { count, counted, dayAndMonth, weekdayAndDay } from '../words.ts';
import { fix, gridLine, svg } from './svg.ts';

/** One day of a chart. */
export interface ChartDay {
  readonly date: string;
  readonly calls: number;
  /** False while the day is not over, or not read to its end. */
  readonly isWhole: boolean;
  /** True for the seven days that the page is about. */
  readonly isNow: boolean;
  /** True on weekends and closed days. */
  readonly isClosed: boolean;
}

/** How a chart of days is drawn. */
export interface DayColumnsOptions {
  readonly label: string;
  readonly width: number;
  readonly isNarrow: boolean;
  /** Small charts have no titles and only two lines of the grid. @default false */
  readonly isSmall?: boolean;
  /** Calls at the top of the chart, at least. @default the most of a day */
  readonly most?: number;
}

interface Frame extends DayColumnsOptions {
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly step: number;
  readonly x: (place: number) => number;
  readonly y: ReturnType<typeof scaleLinear<number, number>>;
}

/** Calls per day as columns from zero, with the mean of seven days. Days that were not read whole are dashed. */
export function dayColumns(days: readonly ChartDay[], options: DayColumnsOptions): string {
  const frame = frameOf(days, options);
  const { width, height, label, isSmall } = frame;
  const parts = [
    ...closedDays(days, frame),
    ...grid(frame),
    ...columns(days, frame),
    ...mondays(days, frame),
    meanLine(days, frame),
    ...(isSmall ? [] : notes(days, frame)),
    `<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${frame.bottom}" y2="${frame.bottom}"/>`,
  ];
  return svg(width, height, label, parts);
}

function frameOf(days: readonly ChartDay[], options: DayColumnsOptions): Frame {
  const { width, isNarrow, isSmall = false, most = 0 } = options;
  const height = isSmall ? 92 : isNarrow ? 190 : 220;
  const [top, bottom, left, right] = [isSmall ? 6 : 24, height - (isSmall ? 20 : 26), 40, width - 6];
  const greatest = Math.max(most, ...days.map(({ calls }) => calls), 1);
  const step = (right - left) / days.length;
  const y = scaleLinear([0, greatest], [bottom, top]).nice(4);
  return { ...options, height, top, bottom, left, right, step, y, x: (place) => left + place * step };
}

function closedDays(days: readonly ChartDay[], { x, step, top, bottom }: Frame): readonly string[] {
  return days.map(({ isClosed }, place) =>
    isClosed
      ? `<rect class="closed" x="${fix(x(place))}" y="${top}" width="${fix(step)}" height="${bottom - top}"/>`
      : '',
  );
}

function grid({ y, left, right, isSmall }: Frame): readonly string[] {
  const whole = y.ticks(4).filter((tick) => Number.isInteger(tick));
  const ticks = isSmall ? [0, y.domain()[1] ?? 0] : whole;
  return ticks.map((tick) => gridLine(y(tick), count(tick), { left, right }));
}

function columns(days: readonly ChartDay[], { x, y, step, isSmall, isNarrow }: Frame): readonly string[] {
  return days.map(({ date, calls, isWhole, isNow }, place) => {
    if (calls === 0) return '';
    const kind = isWhole ? (isNow ? 'bar now' : 'bar') : 'part';
    const box = `x="${fix(x(place) + step * 0.12)}" y="${fix(y(calls))}" width="${fix(step * 0.76)}" height="${fix(y(0) - y(calls))}"`;
    if (isSmall || isNarrow) return `<rect class="${kind}" ${box}/>`;
    const title = `${weekdayAndDay(date)}: ${counted(calls, 'call')}${isWhole ? '' : ' so far'}`;
    return `<rect class="${kind}" ${box}><title>${title}</title></rect>`;
  });
}

/** The dates of Mondays, as many as there is room for. */
function mondays(days: readonly ChartDay[], { x, bottom, right, isNarrow, width }: Frame): readonly string[] {
  const places = days.flatMap(({ date }, place) => (weekdayOf(date) === 1 ? [place] : []));
  const every = Math.ceil(places.length / (isNarrow || width < 600 ? 4 : 13));
  return places.flatMap((place, n) => {
    const tick = `<line class="axis" x1="${fix(x(place))}" x2="${fix(x(place))}" y1="${bottom}" y2="${bottom + 4}"/>`;
    const hasRoom = n % every === 0 && x(place) < right - 36;
    return [
      tick,
      hasRoom ? `<text x="${fix(x(place))}" y="${bottom + 16}">${dayAndMonth(days[place]?.date ?? '')}</text>` : '',
    ];
  });
}

function meanLine(days: readonly ChartDay[], { x, y, step }: Frame): string {
  const means = days.map((_, place) => {
    const week = days.slice(Math.max(0, place - 6), place + 1);
    if (week.length < 7 || week.some(({ isWhole }) => !isWhole)) return null;
    return week.reduce((sum, { calls }) => sum + calls, 0) / 7;
  });
  const path = line<number | null>()
    .defined((mean) => mean !== null)
    .x((_, place) => x(place) + step / 2)
    .y((mean) => y(mean ?? 0))
    .digits(1);
  return `<path class="mean" d="${path(means) ?? ''}"/>`;
}

function notes(days: readonly ChartDay[], { left, right, top, isNarrow }: Frame): readonly string[] {
  const parts = days.filter(({ isWhole }) => !isWhole);
  const first = parts[0]?.date;
  const why = first === undefined ? '' : `${weekdayAndDay(first)}${parts.length > 1 ? ' on' : ''}: not all read`;
  return [
    `<text class="strong" x="${left}" y="${top - 9}">${isNarrow ? 'mean of 7 days' : 'line: mean of seven days'}</text>`,
    why === '' ? '' : `<text x="${right}" y="${top - 9}" text-anchor="end">${why}</text>`,
  ];
}
