import { targetsOf } from '../../../schemas/views/view-settings.ts';
import type { Context } from '../context.ts';
import { escapeHtml, sectionHtml } from '../html.ts';
import { daysText } from '../words.ts';

/** What the words of the page mean; those that no vendor lets it use are left out. */
export function definitions({ request, tellers }: Context): string {
  const { answerTargetSeconds, repeatDays } = targetsOf(request.views);
  const words = [
    [
      'Seven days',
      `The last seven days that were read to their end, in ${escapeHtml(request.views.timeZone)}, beside the seven days before.`,
    ],
    ['No clear change', 'Chance alone makes a difference of this size in more than one of twenty weeks.'],
    ...about(tellers('answered'), [
      [
        'Missed call',
        'Inbound, over, and taken by nobody. Outbound calls cannot be missed. Calls of which the vendor does not say are in no count.',
      ],
      ['Answered', 'Answered inbound calls ÷ (answered + missed).'],
    ]),
    ...about(tellers('wait_seconds'), [
      ['Wait', 'Time from the start of an inbound call to its answer. Median: half of the callers wait no longer.'],
      [
        `Answered within ${answerTargetSeconds} s`,
        'Inbound calls answered in that time ÷ (answered + missed), of vendors that give the wait.',
      ],
    ]),
    ...about(tellers('sessions_scheduled'), [
      ['Booking rate', 'Calls with at least one session booked ÷ calls of which the vendor says how many were booked.'],
    ]),
    ...about(tellers('needs_follow_up'), [
      [
        'Open follow-up',
        "The vendor's work queue says that the call needs one. Its age counts from the run that saw the call need one; if it did when it was first read, from the end of the call.",
      ],
    ]),
    ...about(tellers('duration_seconds'), [
      [
        'Length',
        'As the vendor gives it; no vendor gives the time of work after the call. Values that cannot be true are left out.',
      ],
    ]),
    ...about(tellers('caller_hash'), [
      ['Called again', `An inbound call within ${daysText(repeatDays)} of the caller's last one, at any vendor.`],
    ]),
    ...about(request.views.openingHours === undefined ? '' : 'set', [
      ['Outside opening hours', 'Began outside the opening hours of the settings, or on a closed day.'],
    ]),
    ...about(tellers('cost'), [['Cost', 'What the vendor charged for the calls; other fees are not in it.']]),
  ];
  const list = words.map(([word, meaning]) => `<div><dt>${word}</dt><dd>${meaning}</dd></div>`);
  return sectionHtml('definitions', 'What the words mean', '', `<dl>${list.join('\n')}</dl>`);
}

type Definition = readonly [word: string, meaning: string];

function about(tellers: string, definitions: readonly Definition[]): readonly Definition[] {
  return tellers === '' ? [] : definitions;
}

/** The last lines of the page. */
export function footer({ request }: Context): string {
  const { minimumCell } = request;
  const hides =
    minimumCell > 1
      ? ` Counts from 1 to ${minimumCell - 1} by category, age, hour of the week, clinician and agent are hidden, and others from which they could be computed.`
      : '';
  return `<footer><p>Made by Callhouse. Every figure is in the views of the warehouse; this page has counts and names of staff and agents only, and nothing of a patient.${hides}</p></footer>`;
}
