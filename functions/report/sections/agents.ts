import type { PeriodContext } from '../context.ts';
import type { AgentFigures } from '../facts.ts';
import { type Cell, escapeHtml, htmlTable, nameHtml, sectionHtml, unknownHtml } from '../html.ts';
import { HIDDEN, hiddenRows } from '../suppress.ts';
import { count, duration, money, percent, shortName } from '../words.ts';

const HEADINGS = ['Agent', 'Account', 'Calls', 'Missed', 'Median<br>length', 'Booking<br>rate', 'Cost'];

/** Calls of the voice agents with the most calls. */
export function agents(context: PeriodContext): string {
  const { facts, request } = context;
  const [first] = facts.agents;
  if (!first) return '';
  const hidden = hiddenRows(facts.agents.map(partsOf), request.minimumCell);
  const ordered = [...facts.agents.keys()];
  // The order by calls would tell more about a hidden number.
  if (hidden.size > 0)
    ordered.sort((a, b) => ((facts.agents[a]?.agent ?? '') < (facts.agents[b]?.agent ?? '') ? -1 : 1));
  const rows = ordered.flatMap((place) => {
    const agent = facts.agents[place];
    return agent ? [rowOf(agent, hidden.has(place), context)] : [];
  });
  const headings = HEADINGS.map((html, n) => ({ html, isNumber: n > 1 }));
  const more =
    first.agents > facts.agents.length ? ` The ${facts.agents.length} busiest of ${count(first.agents)}.` : '';
  return sectionHtml(
    'agents',
    'Voice agents',
    `Calls of the seven days.${more}`,
    htmlTable('Calls by voice agent', headings, rows),
  );
}

/** Counts of which a reader can compute others. */
function partsOf({ calls, missed, offered, booked, bookable }: AgentFigures): readonly number[] {
  return [calls, missed, offered - missed, booked, bookable - booked];
}

function rowOf(agent: AgentFigures, isHidden: boolean, { nameOf }: PeriodContext): readonly Cell[] {
  const { calls, missed, offered, booked, bookable, median, cost, costCurrency } = agent;
  const number = (html: string): Cell => ({ html, kind: 'number' });
  const share = (part: number, whole: number, why: string) =>
    number(whole === 0 ? unknownHtml(why) : percent(part / whole));
  const name: readonly Cell[] = [
    { html: nameHtml(shortName(agent.agent)), kind: 'head' },
    { html: escapeHtml(nameOf(agent)) },
  ];
  if (isHidden) return [...name, number(HIDDEN), ...HEADINGS.slice(3).map(() => number(''))];
  return [
    ...name,
    number(`<b>${count(calls)}</b>`),
    share(missed, offered, 'does not say which calls were answered'),
    number(median === null ? unknownHtml('gives no length of a call') : duration(median)),
    share(booked, bookable, 'does not say what was booked'),
    number(
      cost === null ? unknownHtml('gives no cost') : `${money(cost, costCurrency)}${costCurrency === null ? '*' : ''}`,
    ),
  ];
}
