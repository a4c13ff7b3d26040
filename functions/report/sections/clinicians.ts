import type { PeriodContext } from '../context.ts';
import { spark } from '../draw/spark.ts';
import type { Account, ClinicianVisits, ClinicianWeek } from '../facts.ts';
import { type Cell, escapeHtml, htmlTable, nameHtml, sectionHtml } from '../html.ts';
import { HIDDEN, hiddenRows } from '../suppress.ts';
import { count, duration, percent, shortName, UNKNOWN } from '../words.ts';

const MOST_CLINICIANS = 20;
const HEADINGS = [
  'Clinician',
  'Calls',
  'week<br>before',
  'by week',
  'Median<br>length',
  'Hours',
  'Both<br>present',
  'Failed',
];

interface Clinician extends Account {
  readonly id: string;
  readonly name: string;
  /** Calls of each week of the charts, oldest first. */
  readonly weeks: readonly number[];
  readonly visits: ClinicianVisits | undefined;
}

/** Calls and visits of each clinician. */
export function clinicians(context: PeriodContext): string {
  const all = cliniciansOf(context);
  if (all.length === 0) return '';
  const shown = all.slice(0, MOST_CLINICIANS);
  const hidden = hiddenRows(
    all.map(({ weeks }) => [weeks.at(-1) ?? 0]),
    context.request.minimumCell,
  );
  // The order by calls would tell more about a hidden number.
  const ordered = [...shown.keys()];
  if (hidden.size > 0) ordered.sort((a, b) => ((all[a]?.name ?? '') < (all[b]?.name ?? '') ? -1 : 1));
  const rows = ordered.flatMap((place) => {
    const clinician = all[place];
    return clinician ? [hidden.has(place) ? hiddenRow(clinician) : rowOf(clinician)] : [];
  });
  const headings = HEADINGS.map((html, n) => ({ html, isNumber: n !== 0 && n !== 3 }));
  const more = all.length > shown.length ? ` The ${shown.length} busiest of ${count(all.length)}.` : '';
  return sectionHtml(
    'clinicians',
    'Clinicians',
    `Visits of the seven days (${escapeHtml(context.tellers('provider_id'))}). Length: from the creation of the call to its end, waiting included. Both present: participants of both sides are listed, the nearest to attendance that is known.${more}`,
    htmlTable('Calls by clinician', headings, rows),
  );
}

function cliniciansOf({ facts, period }: PeriodContext): readonly Clinician[] {
  const byId = new Map<string, ClinicianWeek[]>();
  for (const week of facts.clinicians) byId.set(keyOf(week), [...(byId.get(keyOf(week)) ?? []), week]);
  const visits = new Map(facts.visits.map((one) => [keyOf(one), one]));
  const list = [...byId].map(([key, weeks]): Clinician => {
    const [{ source = '', account = '', id = '' } = {}] = weeks;
    const name = weeks.find((week) => week.name !== null)?.name ?? id;
    const calls = new Map(weeks.map((week) => [week.to, week.calls]));
    return {
      source,
      account,
      id,
      name: shortName(name),
      weeks: period.weeks.map(({ to }) => calls.get(to) ?? 0),
      visits: visits.get(key),
    };
  });
  const recent = list.filter(({ weeks }) => (weeks.at(-1) ?? 0) + (weeks.at(-2) ?? 0) > 0);
  return recent.sort((a, b) => (b.weeks.at(-1) ?? 0) - (a.weeks.at(-1) ?? 0) || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ source, account, id }: Account & { readonly id: string }): string {
  return `${source} ${account} ${id}`;
}

function rowOf({ name, weeks, visits }: Clinician): readonly Cell[] {
  const number = (html: string): Cell => ({ html, kind: 'number' });
  const share = (part: number, whole: number) => percent(whole === 0 ? null : part / whole);
  return [
    { html: nameHtml(name), kind: 'head' },
    number(`<b>${count(weeks.at(-1) ?? 0)}</b>`),
    number(count(weeks.at(-2) ?? 0)),
    { html: spark(weeks, 2, 96, 22) },
    number(duration(visits?.median ?? null)),
    number(visits?.hours === undefined || visits.hours === null ? UNKNOWN : visits.hours.toFixed(1)),
    number(visits ? share(visits.both, visits.attended) : UNKNOWN),
    number(visits ? share(visits.failed, visits.visits) : UNKNOWN),
  ];
}

function hiddenRow({ name }: Clinician): readonly Cell[] {
  const rest = HEADINGS.slice(2).map((): Cell => ({ html: '' }));
  return [{ html: nameHtml(name), kind: 'head' }, { html: HIDDEN, kind: 'number' }, ...rest];
}
