import { relative } from 'node:path';
import type { ExitCode } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { worstOf } from '../../../functions/results.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { HOUR_MS } from '../../../functions/time.ts';
import { count } from '../../console/count.ts';
import { formatTable } from '../../console/format-table.ts';
import { logLines } from '../../console/log-lines.ts';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { sleepUnlessAborted } from '../../ports/local-ports.ts';
import { currentCopy, publishedPath } from '../../publish/publish.ts';
import { publishFromFile } from '../../publish/refresh.ts';
import { dataDirAt } from '../../settings/data-dir.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { type Simulators, startSimulators } from '../../simulators/start-simulators.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import { warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { readDataDir, readNumber } from '../read-option.ts';
import { type RunResult, runOnce } from '../run/run-once.ts';
import { selectSound } from '../run/select-targets.ts';
import { makeDemoFolder } from './demo-folder.ts';
import { readTables } from './read-tables.ts';
import { DEMO_SETTINGS, DEMO_WORLD, DRIFT_HOURS, FIRST_QUERY, SCENES, type Scene } from './scenes.ts';

const MAX_RPS = '1000';
/** Waits are this much shorter than with real vendors. */
const SPEEDUP = 50;

/** `callhouse start`: shows the pipeline on simulated vendors, from a first load to a report. */
export async function startCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const seed = readNumber(options, 'seed', '--seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
  const dataDir = await makeDemoFolder(readDataDir(options, shell));
  const simulators = await startSimulators({ ...DEMO_WORLD, seed });
  shell.out.write(`Four simulated vendors on this machine; all data is in ${shown(dataDir, shell)}\n\n`);
  const codes: ExitCode[] = [];
  try {
    for (const [place, scene] of SCENES.entries()) {
      const startedAt = Date.now();
      const result = await playScene(scene, simulators, dataDir, shell);
      codes.push(result.exitCode);
      shell.out.write(`${place + 1}/${SCENES.length}  ${describeScene(scene, result, Date.now() - startedAt)}\n`);
      if (shell.signal.aborted) return 130;
    }
  } finally {
    await simulators.close();
  }
  await printSummary(dataDir, shell);
  return worstOf(codes);
}

async function playScene(scene: Scene, simulators: Simulators, dataDir: string, shell: Shell): Promise<RunResult> {
  simulators.advance(scene.hours * HOUR_MS);
  simulators.setFaults(scene.faults);
  simulators.setDrift(scene.drift ?? 0, 1, 0, DRIFT_HOURS * HOUR_MS);
  const { sources, broken: wrong, stored } = await loadJudgedSources();
  const rates = sources.map(({ name }) => [`${name.toUpperCase()}_MAX_RPS`, MAX_RPS]);
  const env = { ...simulators.env, ...Object.fromEntries(rates) };
  const settings = withEnvironment(parseSettings(DEMO_SETTINGS, 'settings'), [...sources, ...wrong], env);
  const lines = logLines(shell);
  const { targets, broken } = selectSound([], { sources, broken: wrong, settings, env });
  return runOnce({
    targets,
    broken,
    onAccount: ({ error }) => error === undefined || lines.showFailure(error),
    sources,
    stored,
    at: simulators.now(),
    dataDir,
    settings,
    env,
    signal: shell.signal,
    sleep: (ms, signal) => sleepUnlessAborted(ms / SPEEDUP, signal),
    log: (level, ...rest) => {
      if (level === 'error' || shell.debug) lines.log(level, ...rest);
    },
  });
}

function describeScene({ title }: Scene, { at, sources, load }: RunResult, ms: number): string {
  const streams = sources.flatMap((source) => source.streams);
  const sum = (of: 'requests' | 'changed' | 'deleted') => streams.reduce((total, stream) => total + stream[of], 0);
  const removed = sum('deleted') > 0 ? `, ${count(sum('deleted'), 'row')} marked removed` : '';
  const loaded = load.error === undefined ? '' : ' (not loaded)';
  const when = at.slice(0, 16).replace('T', ' ');
  return `${when}  ${title}: ${count(sum('changed'), 'row')} new or changed${removed}, ${count(sum('requests'), 'request')}, ${(ms / 1000).toFixed(1)} s${loaded}`;
}

/** Prints row counts, a first query, the report, and what to try next. */
async function printSummary(dataDir: string, shell: Shell): Promise<void> {
  const dir = dataDirAt(dataDir);
  const engine = warehouseIn({ dir, env: {}, readOnly: true });
  try {
    const tables = await readTables(engine);
    const rows = tables.map(({ table, live, removed }) => [table, live, removed]);
    shell.out.write(`\n${formatTable(['table', 'rows', 'removed at the vendor'], rows)}`);
    const answer = await engine.query(FIRST_QUERY);
    shell.out.write(`\n${FIRST_QUERY}\n\n${formatTable(answer.columns, answer.rows)}`);
  } finally {
    await engine.close();
  }
  const { stored } = await loadJudgedSources();
  const settings = parseSettings(DEMO_SETTINGS, 'settings');
  const request = { dir, settings, tables: tablesOf(stored), now: Date.now };
  if ((await currentCopy(request)) === undefined) await publishFromFile(request);
  const at = shown(dataDir, shell);
  const callhouse = ownCommand(shell.cwd);
  shell.out.write(`
Report: ${shown(dir.report, shell)}
For BI tools, without health data: ${shown(publishedPath(dir, request.settings), shell)}

What to try next
  ${callhouse} query "select * from calls_daily order by date desc limit 10" --data-dir ${at}
  ${callhouse} status --data-dir ${at}
  cp .env.example .env    # your own credentials, then: ${callhouse} run
`);
}

function shown(path: string, { cwd }: Shell): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : `./${short}`;
}
