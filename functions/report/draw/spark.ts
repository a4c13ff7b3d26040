import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { fix } from './svg.ts';

const HEIGHT = 30;
const WIDTH = 132;

/** A small line without axes: the last `last` points in the accent colour. Empty if fewer than two values are known. It starts at zero. */
export function spark(values: readonly (number | null)[], last = 7, width = WIDTH, height = HEIGHT): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return '';
  const x = scaleLinear([0, values.length - 1], [2, width - 4]);
  const y = scaleLinear([0, Math.max(...known, Number.MIN_VALUE)], [height - 2, 3]);
  const path = line<readonly [number, number | null]>()
    .defined(([, value]) => value !== null)
    .x(([place]) => x(place))
    .y(([, value]) => y(value ?? 0))
    .digits(1);
  const points = values.map((value, place) => [place, value] as const);
  const [place = 0, value = 0] = points.findLast(([, one]) => one !== null) ?? [];
  const parts = [
    `<path class="past" d="${path(points.slice(0, values.length - last + 1)) ?? ''}"/>`,
    `<path class="now" d="${path(points.slice(-last)) ?? ''}"/>`,
    `<circle r="2.2" cx="${fix(x(place))}" cy="${fix(y(value ?? 0))}"/>`,
  ];
  return `<svg class="spark" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" preserveAspectRatio="xMinYMid" aria-hidden="true">${parts.join('')}</svg>`;
}
