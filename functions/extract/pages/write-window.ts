import type { Window } from '../../source/page.ts';
import type { Ask } from '../../source/paging.ts';
import type { WindowRule } from '../../source/source.ts';
import { DAY_MS } from '../../time.ts';

/** Writes the ends of a window as the vendor's filter wants them. If the filter excludes the last day, the next day is the end. */
export function writeWindow({ from, to }: Window, rule: WindowRule): Pick<Ask, 'from' | 'to'> {
  const isNextDay = rule.as === 'day' && rule.end === 'excluded';
  const last = to && isNextDay ? new Date(to.getTime() + DAY_MS) : to;
  return { from: writeInstant(from, rule), to: last && writeInstant(last, rule) };
}

function writeInstant(instant: Date, { as }: WindowRule): string | number {
  if (as === 'day') return instant.toISOString().slice(0, 10);
  if (as === 'iso-offset') return instant.toISOString().replace(/\.\d+Z/, '+00:00');
  if (as === 'iso-seconds') return instant.toISOString().replace(/\.\d+/, '');
  if (as === 'iso') return instant.toISOString();
  return as === 'millis' ? instant.getTime() : Math.floor(instant.getTime() / 1000);
}
