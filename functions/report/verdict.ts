import type { KeyFigure } from './facts.ts';
import { count, duration, money, percent } from './words.ts';

/** What a figure says beside that of the week before. */
export interface Verdict {
  /** `good` and `bad`: a change that chance hardly makes, in that direction. `late`: not all days were read, so nothing is compared. */
  readonly tone: 'good' | 'bad' | 'late' | 'plain';
  /** True if chance hardly makes such a change. */
  readonly isClear: boolean;
  /** One line, e.g. `▲ 12 (+20%), worse`. */
  readonly text: string;
}

/** The part of a key figure that is compared. */
export type ComparedFigure = Pick<
  KeyFigure,
  'unit' | 'better' | 'value' | 'base' | 'previous' | 'previousBase' | 'isComplete'
>;

/** Deviations beyond which a difference is not chance: 1 of 20 weeks differs more. */
const CLEAR = 1.96;
/** Waits, lengths and amounts vary about as much as they are long: less than a tenth is never a clear change. */
const CLEAR_SHARE = 0.1;

/** Compares a figure with that of the week before. @param currency of amounts; null if unknown */
export function verdictOf(figure: ComparedFigure | undefined, currency: string | null = null): Verdict {
  if (figure === undefined || figure.value === null || figure.previous === null)
    return { tone: 'plain', isClear: false, text: 'nothing to compare with' };
  if (!figure.isComplete) return { tone: 'late', isClear: false, text: '◐ not all read, not compared' };
  const change = figure.value - figure.previous;
  if (change === 0) return { tone: 'plain', isClear: false, text: 'same as the week before' };
  const size = sizeOf(figure, change, currency);
  if (/^0( s|\.0 points)/.test(size))
    return { tone: 'plain', isClear: false, text: 'about the same as the week before' };
  const isClear = isClearChange(figure, figure.value, figure.previous);
  const arrow = `${change > 0 ? '▲' : '▼'} ${size}`;
  if (!isClear) return { tone: 'plain', isClear, text: `${arrow}, no clear change` };
  if (figure.better === 0) return { tone: 'plain', isClear, text: arrow };
  const tone = change * figure.better > 0 ? 'good' : 'bad';
  return { tone, isClear, text: `${arrow}, ${tone === 'good' ? 'better' : 'worse'}` };
}

/** Counts vary as Poisson's do, shares as those of two samples, and other figures like the mean of as many random times. */
function isClearChange({ unit, base, previousBase }: ComparedFigure, value: number, previous: number): boolean {
  const size = Math.abs(value - previous);
  if (unit === 'calls' || unit === 'sessions') return size > CLEAR * Math.sqrt(value + previous);
  const [n, m] = [base ?? 0, previousBase ?? 0];
  if (n === 0 || m === 0) return false;
  if (unit === 'ratio') {
    const pooled = (value * n + previous * m) / (n + m);
    return size > CLEAR * Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  }
  return size > Math.max(CLEAR_SHARE, CLEAR * Math.sqrt(1 / n + 1 / m)) * previous;
}

function sizeOf({ unit, previous }: ComparedFigure, change: number, currency: string | null): string {
  const size = Math.abs(change);
  if (unit === 'ratio') return `${(size * 100).toFixed(1)} points`;
  const text = unit === 's' ? duration(size) : unit === 'currency' ? money(size, currency) : count(size);
  const share = previous ? percent(size / previous) : '0%';
  return share === '0%' ? text : `${text} (${change > 0 ? '+' : '−'}${share})`;
}
