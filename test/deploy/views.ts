import { join } from 'node:path';
import { comparedView, compareRows, countOf, everyView, readLocalRows } from './compare.ts';
import { runProgram } from './programs.ts';
import { expect, expectNone } from './report.ts';
import { linesOf } from './rows.ts';
import type { RunState } from './run-state.ts';

interface Read {
  readonly pyathena: Readonly<Record<string, unknown[][]>>;
  readonly sqlalchemy: Readonly<Record<string, unknown[][]>>;
  readonly names: readonly string[];
  readonly reflected: Readonly<Record<string, readonly string[]>>;
}

/** What BI tools see: every view by PyAthena and by SQLAlchemy in the readers' workgroup, against DuckDB. */
export async function readViews(state: RunState): Promise<void> {
  const { report, engines, cloud, worlds } = state;
  const views = await everyView();
  const compared = views.map(comparedView);
  const { Workgroup: workgroup = '', ResultsLocation: results = '' } = cloud.outputs;
  const asked = Object.fromEntries(views.map(({ name, columns }) => [name, Object.keys(columns)]));
  const read = await report.check('PyAthena and SQLAlchemy read every view', async () => {
    const script = join(import.meta.dirname, 'read_views.py');
    const args = [script, workgroup, 'callhouse', results, JSON.stringify(asked)];
    return JSON.parse(await runProgram(engines.python, args, { env: engines.env })) as Read;
  });
  if (read === undefined) return;
  const local = await readLocalRows(worlds.home().warehouse, compared);
  for (const client of ['pyathena', 'sqlalchemy'] as const) {
    await report.check(`every view by ${client} equals DuckDB's, row for row`, async () => {
      const rows = new Map(
        compared.map(({ name, columns }) => {
          const places = columns.map((column) => asked[name]?.indexOf(column.name) ?? -1);
          const found = (read[client][name] ?? []).map((row) => places.map((place) => row[place]));
          return [`callhouse.${name}`, linesOf(columns, found)] as const;
        }),
      );
      expectNone(compareRows(compared, rows, local));
      expectNone([...rows].flatMap(([name, lines]) => (lines.length === 0 ? [`${name} is empty`] : [])));
      return countOf(rows, 'views');
    });
  }
  await report.check('SQLAlchemy reflects them with their columns', async () => {
    expectNone(views.flatMap(({ name }) => (read.names.includes(name) ? [] : [`${name} is no view`])));
    expectNone(
      Object.entries(asked).flatMap(([name, columns]) =>
        String(read.reflected[name]) === String(columns) ? [] : [`${name}: ${read.reflected[name]}`],
      ),
    );
  });
  await report.check('freshness tells a lag of minutes', async () => {
    const { rows } = await cloud.engine.query('SELECT stream, lag_minutes FROM "callhouse"."freshness"');
    expect(rows.length === 7, `${rows.length} streams`);
    expectNone(rows.flatMap(([stream, lag]) => (Number(lag) >= 0 && Number(lag) < 60 ? [] : [`${stream}: ${lag}`])));
  });
}

/** Apache Superset draws a chart; installed at its first use, which takes minutes. */
export async function drawChart({ report, engines, cloud }: RunState): Promise<void> {
  await report.check('Superset draws a chart of calls by day', async () => {
    const { Workgroup: workgroup = '', ResultsLocation: results = '' } = cloud.outputs;
    const args = ['callhouse', 'calls', 'started_at', workgroup, results];
    // Its own folder, not this run's: the installation stays.
    const env = { ...engines.env, ENGINES_HOME: engines.home };
    const printed = await runProgram(join(engines.scripts, 'bi-superset.sh'), args, { env, timeoutMs: 600_000 });
    const { rows, days } = JSON.parse(printed.trim().split('\n').at(-1) ?? '{}') as { rows: number; days: number };
    expect(days > 1, `${days} days`);
    return `${rows} calls on ${days} days`;
  });
}
