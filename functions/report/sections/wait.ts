import { targetsOf } from '../../../schemas/views/view-settings.ts';
import type { PeriodContext } from '../context.ts';
import { forBothWidths } from '../draw/svg.ts';
import { waitLines } from '../draw/wait-lines.ts';
import { sectionHtml } from '../html.ts';
import { duration, weekdayAndDay } from '../words.ts';

/** How long callers wait, by week. */
export function waits({ facts, period, request, tellers }: PeriodContext): string {
  const last = facts.waits.at(-1);
  if (!last) return '';
  const { answerTargetSeconds: target } = targetsOf(request.views);
  const weeks = period.weeks.map(({ to }) => to);
  const label = `Wait by week; in the seven days to ${weekdayAndDay(last.to)} half of the callers waited ${duration(last.median)} or less, 19 of 20 ${duration(last.p95)} or less`;
  return sectionHtml(
    'wait',
    'How long callers wait',
    `Time until an inbound call was answered, in the seven days to each date. Half of the callers wait no longer than the lower line, 19 of 20 no longer than the upper one. By what ${tellers('wait_seconds')} says; a caller who gave up counts as missed.`,
    forBothWidths((width, isNarrow) => waitLines(facts.waits, { label, width, isNarrow, weeks, target })),
  );
}
