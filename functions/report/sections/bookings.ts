import type { PeriodContext } from '../context.ts';
import { type Bar, bars } from '../draw/bars.ts';
import type { CategoryFigures } from '../facts.ts';
import { nameHtml, sectionHtml } from '../html.ts';
import { CATEGORY_DAYS } from '../statements.ts';
import { HIDDEN, hiddenRows } from '../suppress.ts';
import { count, percent, plain } from '../words.ts';

const MOST_CATEGORIES = 12;

/** Which calls turn into bookings. */
export function bookings({ facts, request, tellers }: PeriodContext): string {
  const categories = withOthers(facts.categories);
  if (categories.length === 0) return '';
  const hides = request.minimumCell > 1;
  const rows = categories.map(({ booked, bookable }) => [booked, bookable - booked]);
  const hidden = hiddenRows(rows, request.minimumCell);
  const rate = ({ booked, bookable }: CategoryFigures) => booked / bookable;
  const most = Math.max(...categories.filter((_, place) => !hidden.has(place)).map(rate), Number.MIN_VALUE);
  const shown = categories.map((category, place) => ({ category, isHidden: hidden.has(place) }));
  // The order of the rates would tell more about a hidden one.
  shown.sort(
    (a, b) => (hides ? 0 : rate(b.category) - rate(a.category)) || (a.category.category < b.category.category ? -1 : 1),
  );
  const list = shown.map(({ category, isHidden }): Bar => {
    const label = nameHtml(plain(category.category));
    if (isHidden) return { label, share: undefined, text: HIDDEN };
    const text = `<b>${percent(rate(category))}</b> ${count(category.booked)} of ${count(category.bookable)}`;
    return { label, share: rate(category) / most, text };
  });
  return sectionHtml(
    'bookings',
    'What turns into a booking',
    `Share of calls with at least one session booked, by what the call was about, last ${CATEGORY_DAYS} days (${tellers('category')}).`,
    bars(list),
  );
}

/** The categories with the most calls, and the sum of the others. */
function withOthers(categories: readonly CategoryFigures[]): readonly CategoryFigures[] {
  if (categories.length <= MOST_CATEGORIES) return categories;
  const others = categories.slice(MOST_CATEGORIES - 1);
  const sum = (of: (category: CategoryFigures) => number) =>
    others.reduce((total, category) => total + of(category), 0);
  return [
    ...categories.slice(0, MOST_CATEGORIES - 1),
    {
      category: `${count(others.length)} others`,
      bookable: sum(({ bookable }) => bookable),
      booked: sum(({ booked }) => booked),
    },
  ];
}
