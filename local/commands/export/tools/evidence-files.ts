import { join, relative } from 'node:path';
import { GENERATED, type ToolFiles, type ToolInput } from './tool-files.ts';
import { yamlText } from './yaml.ts';

const SOURCE = 'sources/callhouse';

/**
 * Files for a project of Evidence: the published copy as a source, a query for each view, and a page to begin with.
 * @param folder absolute path of the project
 * @see {@link https://docs.evidence.dev/core-concepts/data-sources/duckdb}
 */
export function evidenceFiles({ relations, copy }: ToolInput, folder: string): ToolFiles {
  const queries = relations
    .filter(({ kind }) => kind === 'view')
    .map(({ name, doc }) => [`${SOURCE}/${name}.sql`, `-- ${GENERATED}\n-- ${doc}\nselect * from ${name}\n`]);
  // Evidence joins the file's name to the folder of its source, so an absolute path would not be found.
  const filename = relative(join(folder, SOURCE), copy);
  return {
    [`${SOURCE}/connection.yaml`]: `# ${GENERATED}\n${yamlText({ name: 'callhouse', type: 'duckdb', options: { filename } })}`,
    ...Object.fromEntries(queries),
    'pages/callhouse.md': PAGE,
  };
}

const PAGE = `---
# ${GENERATED}
title: Calls
---

\`\`\`sql figures
select label, value, change, period_from, period_to from callhouse.key_figures where source is null order by metric
\`\`\`

\`\`\`sql days
select date, source, sum(calls) as calls, sum(missed_calls) as missed_calls from callhouse.calls_daily
where is_complete_day group by date, source order by date
\`\`\`

\`\`\`sql hours
select hour, sum(missed_calls) as missed_calls from callhouse.calls_hourly group by hour order by hour
\`\`\`

\`\`\`sql open_follow_ups
select * from callhouse.follow_ups
\`\`\`

The last seven complete days, beside the seven before.

<DataTable data={figures}/>

<LineChart data={days} x=date y=calls series=source title="Calls a day"/>

<BarChart data={hours} x=hour y=missed_calls title="Missed calls by hour"/>

## Follow-ups

<DataTable data={open_follow_ups}/>
`;
