import type { PeriodContext } from '../context.ts';
import { heatTable } from '../draw/heat-table.ts';
import { sectionHtml } from '../html.ts';
import { missedIn } from '../missed-hours.ts';
import { hiddenRows } from '../suppress.ts';
import { count, dayAndMonth } from '../words.ts';

/** When calls are missed, by weekday and hour. */
export function missedHours({ facts, period, request, tellers, silentAbout }: PeriodContext): string {
  const { hours } = facts;
  if (hours.length === 0) return '';
  const silent = silentAbout('answered');
  const who = `By what ${tellers('answered')} say${silent === '' ? '' : `; ${silent} do not say which calls were answered`}.`;
  const hidden = hiddenRows(
    hours.map(({ missed }) => [missed]),
    request.minimumCell,
  );
  return sectionHtml(
    'missed',
    'When calls are missed',
    `${count(missedIn(hours))} inbound calls that nobody took, ${dayAndMonth(period.first)} to ${dayAndMonth(period.to)} (${period.weeks.length} weeks), by the hour they began. ${who}`,
    heatTable(hours, { openingHours: request.views.openingHours, hidden }),
  );
}
