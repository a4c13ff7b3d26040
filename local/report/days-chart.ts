import { escapeHtml } from './html.ts';
import type { DayTotal } from './read-facts.ts';

const WIDTH = 860;
const HEIGHT = 220;
const LEFT = 44;
const BOTTOM = 28;
const TOP = 10;
/** The palette of Okabe and Ito, which colour-blind readers can distinguish. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];

/** Calls per day as stacked bars, one colour per vendor. The table below it has the same figures. */
export function daysChart(days: readonly DayTotal[]): string {
  const dates = [...new Set(days.map(({ date }) => date))].sort();
  const sources = [...new Set(days.map(({ source }) => source))].sort();
  if (dates.length === 0) return '';
  const calls = new Map(days.map((day) => [`${day.date} ${day.source}`, day.calls]));
  const of = (date: string, source: string) => calls.get(`${date} ${source}`) ?? 0;
  const most = Math.max(1, ...dates.map((date) => sources.reduce((sum, source) => sum + of(date, source), 0)));
  const step = (WIDTH - LEFT) / dates.length;
  const scale = (HEIGHT - TOP - BOTTOM) / most;
  const bars = dates.flatMap((date, place) => {
    let top = HEIGHT - BOTTOM;
    return sources.map((source, n) => {
      const height = of(date, source) * scale;
      top -= height;
      const title = `<title>${escapeHtml(`${date} ${source}: ${of(date, source)}`)}</title>`;
      const box = `x="${fix(LEFT + place * step + step * 0.1)}" y="${fix(top)}" width="${fix(step * 0.8)}" height="${fix(height)}"`;
      return height > 0 ? `<rect ${box} fill="${COLOURS[n % COLOURS.length]}">${title}</rect>` : '';
    });
  });
  const svg = [...axis(dates, most, step), ...bars].join('\n');
  const legend = sources.map(
    (source, n) => `<li><i style="background:${COLOURS[n % COLOURS.length]}"></i>${escapeHtml(source)}</li>`,
  );
  const label = `Calls per day, ${dates[0]} to ${dates.at(-1)}; the table below has the figures`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">\n${svg}\n</svg>\n<ul class="legend">${legend.join('')}</ul>`;
}

function axis(dates: readonly string[], most: number, step: number): string[] {
  const floor = HEIGHT - BOTTOM;
  const every = Math.ceil(dates.length / 10);
  const ticks = dates.map((date, place) => {
    const text = `<text x="${fix(LEFT + (place + 0.5) * step)}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(date.slice(5))}</text>`;
    return place % every === 0 ? text : '';
  });
  return [
    `<line x1="${LEFT}" y1="${floor}" x2="${WIDTH}" y2="${floor}" class="axis"/>`,
    `<text x="${LEFT - 6}" y="${TOP + 8}" text-anchor="end">${most}</text>`,
    `<text x="${LEFT - 6}" y="${floor}" text-anchor="end">0</text>`,
    ...ticks,
  ];
}

function fix(number: number): string {
  return number.toFixed(1);
}
