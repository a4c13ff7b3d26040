import { relative } from 'node:path';
import type { ExitCode } from '../../functions/errors.ts';
import { worstOf } from '../../functions/results.ts';
import { parseSettings } from '../../functions/settings.ts';
import { listSources } from '../../functions/source/registry.ts';
import { HOUR_MS } from '../../functions/time.ts';
import type { Options } from '../commands/command.ts';
import { readDataDir, readNumber } from '../commands/read-option.ts';
import { count } from '../console/count.ts';
import { formatTable } from '../console/format-table.ts';
import { logLines } from '../console/log-lines.ts';
import { ownCommand } from '../console/own-command.ts';
import type { Shell } from '../console/shell.ts';
import { dataDirAt } from '../data-dir.ts';
import { withEnvironment } from '../env-settings.ts';
import { sleepUnlessAborted } from '../local-ports.ts';
import { readTables } from '../report/read-facts.ts';
import { type RunResult, runOnce } from '../run/run-once.ts';
import { selectTargets } from '../run/select-targets.ts';
import { type Simulators, startSimulators } from '../simulators/start-simulators.ts';
import { warehouseIn } from '../warehouse.ts';
import { makeDemoFolder } from './demo-folder.ts';
import { FIRST_QUERY, SCENES, type Scene } from './scenes.ts';

const MAX_RPS = '1000';
/** Simulated vendors need no patience: what waits, waits a fiftieth. */
const HASTE = 50;

/** `callhouse start`: the whole way on simulated vendors. */
export async function startCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const seed = readNumber(options, 'seed', '--seed', { least: 0, most: Number.MAX_SAFE_INTEGER });
  const dataDir = await makeDemoFolder(readDataDir(options, shell));
  const simulators = await startSimulators({ seed });
  shell.out.write(`Four simulated vendors on this machine; everything lies in ${shown(dataDir, shell)}\n\n`);
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
  await tellEnd(dataDir, shell);
  return worstOf(codes);
}

async function playScene(scene: Scene, simulators: Simulators, dataDir: string, shell: Shell): Promise<RunResult> {
  simulators.advance(scene.hours * HOUR_MS);
  simulators.setFaults(scene.faults);
  simulators.setDrift(scene.drift ?? 0);
  const sources = await listSources();
  const rates = sources.map(({ name }) => [`${name.toUpperCase()}_MAX_RPS`, MAX_RPS]);
  const env = { ...simulators.env, ...Object.fromEntries(rates) };
  const settings = withEnvironment(parseSettings({}, 'settings'), sources, env);
  const lines = logLines(shell);
  return runOnce({
    targets: selectTargets([], { sources, settings, env }),
    sources,
    at: simulators.now(),
    dataDir,
    settings,
    env,
    signal: shell.signal,
    sleep: (ms, signal) => sleepUnlessAborted(ms / HASTE, signal),
    log: (level, ...rest) => {
      if (level === 'error' || shell.debug) lines.log(level, ...rest);
    },
  });
}

function describeScene({ says }: Scene, { at, sources, load }: RunResult, ms: number): string {
  const streams = sources.flatMap((source) => source.streams);
  const sum = (of: 'requests' | 'changed' | 'deleted') => streams.reduce((total, stream) => total + stream[of], 0);
  const removed = sum('deleted') > 0 ? `, ${count(sum('deleted'), 'row')} marked removed` : '';
  const loaded = load.error === undefined ? '' : ' (not loaded)';
  const when = at.slice(0, 16).replace('T', ' ');
  return `${when}  ${says}: ${count(sum('changed'), 'row')} new or changed${removed}, ${count(sum('requests'), 'request')}, ${(ms / 1000).toFixed(1)} s${loaded}`;
}

/** Row counts, a first query, the report, and what to try next. */
async function tellEnd(dataDir: string, shell: Shell): Promise<void> {
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
  const at = shown(dataDir, shell);
  const callhouse = ownCommand(shell.cwd);
  shell.out.write(`
Report: ${shown(dir.report, shell)}

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
