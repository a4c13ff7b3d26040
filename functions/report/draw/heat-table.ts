import { minutesOf } from '../../../schemas/views/opening-hours.ts';
import { type ViewSettings, WEEKDAYS } from '../../../schemas/views/view-settings.ts';
import type { HourFigures } from '../facts.ts';
import { missedIn } from '../missed-hours.ts';
import { WEEKDAY_NAMES } from '../words.ts';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Steps of the colour besides none. */
const STEPS = 5;

/** Missed calls by weekday and hour as a table, whose colours have five steps. @param hidden places of hours whose count is hidden */
export function heatTable(
  hours: readonly HourFigures[],
  {
    openingHours,
    hidden,
  }: { readonly openingHours: ViewSettings['openingHours']; readonly hidden: ReadonlySet<number> },
): string {
  const found = new Map(
    hours.map((figures, place) => [`${figures.weekday} ${figures.hour}`, { figures, isHidden: hidden.has(place) }]),
  );
  const most = Math.max(1, ...hours.map(({ missed }, place) => (hidden.has(place) ? 0 : missed)));
  const sums = (of: (figures: HourFigures) => boolean) => (hidden.size > 0 ? '' : String(missedIn(hours.filter(of))));
  const rows = WEEKDAY_NAMES.map((name, n) => {
    const cells = HOURS.map((hour) => {
      const isOpen = isOpenIn(openingHours, n, hour) ? ' open' : '';
      const { figures, isHidden } = found.get(`${n + 1} ${hour}`) ?? {};
      if (isHidden) return `<td class="hid${isOpen}" title="${name} ${hour}:00: hidden">·</td>`;
      const missed = figures?.missed ?? 0;
      const title = figures ? ` title="${name} ${hour}:00: ${missed} of ${missed + figures.answered} missed"` : '';
      return `<td class="h${levelOf(missed, most)}${isOpen}"${title}>${missed || ''}</td>`;
    });
    return `<tr><th scope="row">${name}</th>${cells.join('')}<td class="sum">${sums(({ weekday }) => weekday === n + 1)}</td></tr>`;
  });
  const head = HOURS.map(
    (hour) => `<th scope="col"${hour % 3 === 0 ? '' : ' class="minor"'}><span>${hour}</span></th>`,
  );
  const foot = HOURS.map((hour) => `<td class="sum">${sums((figures) => figures.hour === hour)}</td>`);
  return [
    '<table class="heat"><caption>Missed inbound calls by weekday and by the hour they began</caption>',
    `<thead><tr><td></td>${head.join('')}<th scope="col" class="sum">${hidden.size > 0 ? '' : 'all'}</th></tr></thead>`,
    `<tbody>\n${rows.join('\n')}\n</tbody>`,
    hidden.size > 0 ? '' : `<tfoot><tr><th scope="row">all</th>${foot.join('')}<td class="sum"></td></tr></tfoot>`,
    `</table>${legend(most, openingHours !== undefined, hidden.size > 0)}`,
  ].join('');
}

/** By the square root: one very bad hour must not make all others look alike. */
function levelOf(missed: number, most: number): number {
  return Math.min(STEPS, Math.ceil(Math.sqrt(missed / most) * STEPS));
}

function legend(most: number, hasHours: boolean, hasHidden: boolean): string {
  const upTo = (step: number) => Math.floor(most * (step / STEPS) ** 2);
  const steps = Array.from({ length: STEPS }, (_, n) => [upTo(n) + 1, upTo(n + 1)] as const);
  const keys = steps.map(([from, to], n) => {
    return to < from ? '' : `<span><i class="h${n + 1}"></i>${from === to ? from : `${from}–${to}`}</span>`;
  });
  return [
    '<p class="key"><span>Missed calls:</span><span><i class="h0"></i>0</span>',
    ...keys,
    hasHours ? '<span><i class="open"></i>opening hours</span>' : '',
    hasHidden ? '<span>· hidden</span>' : '',
    '</p>',
  ].join('');
}

function isOpenIn(openingHours: ViewSettings['openingHours'], day: number, hour: number): boolean {
  const spans = openingHours?.[WEEKDAYS[day] ?? 'mon'] ?? [];
  return spans.map(minutesOf).some(([from, to]) => from < (hour + 1) * 60 && to > hour * 60);
}
