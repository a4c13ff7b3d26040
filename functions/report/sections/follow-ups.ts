import { targetsOf } from '../../../schemas/views/view-settings.ts';
import { agesFor } from '../ages.ts';
import type { Context } from '../context.ts';
import { type Bar, bars } from '../draw/bars.ts';
import { sectionHtml } from '../html.ts';
import { HIDDEN, hiddenRows } from '../suppress.ts';
import { count, counted, daysText } from '../words.ts';

/** Open follow-ups by age. */
export function followUps({ facts, request, tellers }: Context): string {
  const teller = tellers('needs_follow_up');
  if (teller === '') return '';
  const { followUpTargetDays } = targetsOf(request.views);
  const ages = agesFor(followUpTargetDays);
  const open = ages.map((_, bin) => facts.followUps.find((one) => one.bin === bin)?.open ?? 0);
  const unknown = facts.followUps.find(({ bin }) => bin === null)?.open ?? 0;
  const hidden = hiddenPlaces(
    open,
    ages.map(({ isOverdue }) => isOverdue),
    request.minimumCell,
  );
  const most = Math.max(1, ...open.filter((_, bin) => !hidden.has(bin)));
  const rows = ages.map(({ label, isOverdue }, bin): Bar => {
    const value = open[bin] ?? 0;
    if (hidden.has(bin)) return { label, share: undefined, text: HIDDEN };
    return { label, share: value / most, text: `<b>${count(value)}</b>`, isHot: isOverdue };
  });
  const lost =
    unknown === 0 || request.minimumCell > 1 ? '' : ` Of ${counted(unknown, 'more call')} the age is unknown.`;
  return sectionHtml(
    'follow-ups',
    'Follow-ups that wait',
    `Open now, by the time since they need one (${teller}). Orange: longer than ${daysText(followUpTargetDays)}.${lost}`,
    bars(rows, 'short'),
  );
}

/** A reader may know the sum of the ages beyond the target, so each side of it must be safe by itself. */
function hiddenPlaces(open: readonly number[], isOverdue: readonly boolean[], minimum: number): ReadonlySet<number> {
  const sides = [true, false].flatMap((side) => {
    const places = [...open.keys()].filter((bin) => isOverdue[bin] === side);
    return [
      ...hiddenRows(
        places.map((bin) => [open[bin] ?? 0]),
        minimum,
      ),
    ].map((place) => places[place] ?? 0);
  });
  return new Set(sides);
}
