import { extractName, loadName, maintainName } from '../../functions/aws/names.ts';
import { type Cloud, STAGE } from './cloud.ts';
import { comparedTables, compareRows, countOf, type Rows, readLocalRows, readRows } from './compare.ts';
import type { Engines } from './engines.ts';
import { expectNone, type Report } from './report.ts';
import type { Invocation, Standin } from './standin.ts';
import type { Timeline } from './timeline.ts';
import { SOURCES, type Worlds } from './world.ts';

/** What every part of the run has at hand. */
export interface RunState {
  readonly report: Report;
  readonly engines: Engines;
  readonly standin: Standin;
  readonly worlds: Worlds;
  readonly cloud: Cloud;
  readonly timeline: Timeline;
}

/** Key the loader keeps its progress under. */
export const WAREHOUSE = 'athena-callhouse';
export const LOAD = loadName(STAGE);
export const MAINTAIN = maintainName(STAGE);

/** The Lambda of one source. */
export function extractorOf(source: string): string {
  return extractName(STAGE, source, 'default');
}

/** Extracts every source at once, as the schedules do, by Lambda's API. */
export async function extractAll({ cloud }: RunState, at: Date): Promise<void> {
  const ended = await Promise.allSettled(
    SOURCES.map((source) =>
      cloud.invoke<{ exitCode: number; error?: string }>(extractorOf(source), {
        source,
        account: 'default',
        at: at.toISOString(),
      }),
    ),
  );
  expectNone(
    ended.flatMap((result, n) => {
      if (result.status === 'rejected') return [String(result.reason)];
      return result.value.exitCode === 0 ? [] : [`${SOURCES[n]}: ${JSON.stringify(result.value).slice(0, 500)}`];
    }),
  );
}

/** Invocations that did not end with 0, in words. */
export function failuresOf(invocations: readonly Invocation[]): readonly string[] {
  return invocations.flatMap(({ function: name, failed, body, log }) => {
    const result = body as { exitCode?: number; errorMessage?: string } | null;
    if (!failed && result?.exitCode === 0) return [];
    return [`${name}: ${result?.errorMessage ?? JSON.stringify(body)}\n${failed ? log.slice(-600) : ''}`];
  });
}

/** Rows of all tables on AWS. */
export async function readTables({ cloud }: RunState): Promise<Rows> {
  return readRows(cloud.engine, await comparedTables());
}

/** Holds that every table of AWS is the local home's, row for row, but for the columns (or all) named by table. */
export async function expectSameTables(
  state: RunState,
  but: Readonly<Record<string, readonly string[] | 'all'>> = {},
): Promise<string> {
  const compared = (await comparedTables())
    .filter(({ name }) => but[name] !== 'all')
    .map((table) => ({ ...table, columns: table.columns.filter(({ name }) => !but[table.name]?.includes(name)) }));
  const here = await readRows(state.cloud.engine, compared);
  const there = await readLocalRows(state.worlds.home().warehouse, compared);
  expectNone(compareRows(compared, here, there));
  return countOf(here, 'tables');
}

/** Holds that every table is as it was. */
export async function expectUnchanged(state: RunState, before: Rows, but: readonly string[] = []): Promise<string> {
  const compared = (await comparedTables()).filter(({ name }) => !but.includes(name));
  const now = await readRows(state.cloud.engine, compared);
  expectNone(compareRows(compared, now, before));
  return countOf(now, 'tables');
}
