import { daysChart } from './days-chart.ts';
import { type Cell, htmlTable } from './html.ts';
import type { DayTotal, ReportFacts } from './read-facts.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8886; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 2rem; width: 100%; }
caption { text-align: left; font-weight: 600; font-size: 1.1rem; padding-bottom: .4rem; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; font-size: 11px; fill: currentColor; }
.axis { stroke: currentColor; }
.legend { list-style: none; display: flex; gap: 1.2rem; padding: 0; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.small { opacity: .75; }
@media print { body { margin: 0; } table { break-inside: avoid; } }
`;

/** The report as one HTML file without scripts that loads nothing. */
export function reportPage(facts: ReportFacts, madeAt: Date): string {
  const sections = [
    htmlTable(
      'Rows',
      ['table', 'rows', 'removed at the vendor'],
      facts.tables.map(({ table, live, removed }) => [table, live, removed]),
    ),
    '<h2>Calls per day</h2>',
    daysChart(facts.days),
    daysTable(facts.days),
    freshnessTable(facts),
    rejectsTable(facts),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Callhouse report</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Callhouse report</h1>
<p class="small">Created ${showInstant(madeAt)}. This page shows counts only, and no value of a call.</p>
${sections.join('\n')}
</body>
</html>
`;
}

function daysTable(days: readonly DayTotal[]): string {
  const sources = [...new Set(days.map(({ source }) => source))].sort();
  const dates = [...new Set(days.map(({ date }) => date))].sort().reverse();
  const calls = new Map(days.map((day) => [`${day.date} ${day.source}`, day.calls]));
  const rows = dates.map((date): Cell[] => [date, ...sources.map((source) => calls.get(`${date} ${source}`) ?? 0)]);
  return htmlTable('Calls per day and vendor, by the day they began', ['day', ...sources], rows);
}

function freshnessTable({ freshness }: ReportFacts): string {
  const rows = freshness.map(({ stream, status, lastOk, lastData }) => [
    stream,
    status,
    lastOk ? showInstant(lastOk) : 'never',
    lastData ? showInstant(lastData) : 'never',
  ]);
  return htmlTable('Freshness', ['stream', 'last run', 'last complete run', 'last run that changed rows'], rows);
}

function rejectsTable({ rejects }: ReportFacts): string {
  if (rejects.length === 0) return '<h2>Refused values</h2>\n<p>None.</p>';
  const rows = rejects.map(({ column, reason, count }) => [column, reason, count]);
  return htmlTable('Refused or doubted values', ['column', 'reason', 'values'], rows);
}

function showInstant(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
