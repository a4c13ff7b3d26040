// `npm run test:bi [-- --superset]`: the published copy, read by the programs that docs/bi.md names. Needs Python, and Java with Maven for
// JDBC; where they cannot be had, it says SKIPPED. One line a check, `N passed, N failed` last.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { endPrograms, runProgram } from '../deploy/programs.ts';
import { expect, MissingToolError, makeReport, type Report } from '../deploy/report.ts';
import { callhouseHere } from '../helpers/callhouse-here.ts';
import { importIntoSuperset } from './superset.ts';

const JDBC = 'org.duckdb:duckdb_jdbc:2.0.0.1';
const EVIDENCE = '@evidence-dev/duckdb@2.0.1';
const INSTALL_MS = 10 * 60_000;
const home = process.env['ENGINES_HOME'] ?? join(tmpdir(), 'callhouse-engines');

async function main(): Promise<number> {
  const report = makeReport();
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-bi-'));
  try {
    const python = await findPython();
    const act = await fillDataDir(folder);
    const copy = join(folder, 'data', 'bi', 'callhouse.duckdb');
    await report.check('Python reads the copy', async () => {
      const told = await runProgram(python('python'), [join(import.meta.dirname, 'clients.py'), copy]);
      return told.trim().replaceAll('\n', '; ');
    });
    await buildWithDbt(report, folder, act, python('dbt'));
    await readWithJdbc(report, copy);
    await readWithEvidence(report, folder, act);
    if (process.argv.includes('--superset')) await importIntoSuperset({ report, folder, home, act });
  } catch (error) {
    if (!(error instanceof MissingToolError)) throw error;
    console.log(`SKIPPED ${error.what} ${error.message.replaceAll('\n', ' ')}`);
    return 0;
  } finally {
    endPrograms();
    await rm(folder, { recursive: true, force: true });
  }
  return report.close();
}

/** A program of the environment that `requirements.txt` installs, once. @throws MissingToolError */
async function findPython(): Promise<(program: string) => string> {
  const venv = join(home, 'bi-venv');
  const program = (name: string) => join(venv, 'bin', name);
  if (existsSync(program('dbt'))) return program;
  try {
    await mkdir(home, { recursive: true });
    await runProgram('python3', ['-m', 'venv', venv]);
    const requirements = join(import.meta.dirname, 'requirements.txt');
    const options = ['-q', '--disable-pip-version-check', '-r', requirements];
    await runProgram(program('pip'), ['install', ...options], { timeoutMs: INSTALL_MS });
  } catch (error) {
    await rm(venv, { recursive: true, force: true });
    throw new MissingToolError('test:bi', error instanceof Error ? error.message.slice(0, 300) : 'no Python');
  }
  return program;
}

/** A data directory of a small world. @returns the command line on it */
async function fillDataDir(folder: string) {
  const simulators = await startSimulators({ days: 20, callsPerVendor: 40, users: 2, transcripts: 'short' });
  const act = async (...args: string[]) => {
    const result = await callhouseHere(args, { cwd: folder, env: simulators.env });
    expect(result.code === 0, `callhouse ${args[0]} ended with ${result.code}: ${result.stderr}`);
  };
  try {
    await act('run', '--at', simulators.now().toISOString());
    await act('query', 'select 1');
  } finally {
    await simulators.close();
  }
  return act;
}

async function buildWithDbt(
  report: Report,
  folder: string,
  act: (...args: string[]) => Promise<void>,
  dbt: string,
): Promise<void> {
  const cwd = join(folder, 'dbt');
  await act('export', 'dbt', '--for', 'dbt');
  const env = { ...process.env, DBT_PROFILES_DIR: cwd, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
  const run = (...args: string[]) => runProgram(dbt, ['--no-use-colors', ...args], { cwd, env });
  await report.check('dbt parses the project, and every test of it passes', async () => {
    await run('parse');
    const told = await run('build');
    const done = /Done\. (.*)/.exec(told)?.[1] ?? told.slice(-300);
    expect(/ERROR=0/.test(done), told.slice(-2000));
    return done;
  });
  await report.check('dbt documents each table and view, and finds the runs fresh', async () => {
    await run('docs', 'generate');
    await run('source', 'freshness');
  });
}

async function readWithJdbc(report: Report, copy: string): Promise<void> {
  const jars = join(home, 'jdbc');
  const [, , version] = JDBC.split(':');
  const jar = join(jars, `duckdb_jdbc-${version}.jar`);
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';
  try {
    const options = [`-Dartifact=${JDBC}`, `-DoutputDirectory=${jars}`];
    if (!existsSync(jar)) await runProgram('mvn', ['-q', '-B', plugin, ...options], { timeoutMs: INSTALL_MS });
  } catch (error) {
    report.note(`SKIPPED JDBC: ${error instanceof Error ? error.message.slice(0, 200) : 'no Maven'}`);
    return;
  }
  await report.check('JDBC reads the copy, with its primary keys', async () => {
    const told = await runProgram('java', ['-cp', jar, join(import.meta.dirname, 'Jdbc.java'), copy]);
    return `${version}, ${told.trim()}`;
  });
}

/** Evidence itself is a project of a thousand packages; its connector is what reads the copy. */
async function readWithEvidence(
  report: Report,
  folder: string,
  act: (...args: string[]) => Promise<void>,
): Promise<void> {
  const packages = join(home, 'evidence');
  try {
    await mkdir(packages, { recursive: true });
    await writeFile(join(packages, 'package.json'), '{ "private": true }');
    if (!existsSync(join(packages, 'node_modules', '@evidence-dev')))
      await runProgram('npm', ['install', '--no-audit', '--no-fund', EVIDENCE], { cwd: packages });
  } catch (error) {
    report.note(`SKIPPED Evidence: ${error instanceof Error ? error.message.slice(0, 200) : 'no package'}`);
    return;
  }
  await act('export', 'evidence', '--for', 'evidence');
  await report.check("Evidence's connector runs each query", async () => {
    const script = join(import.meta.dirname, 'evidence.cjs');
    return (await runProgram('node', [script, packages, join(folder, 'evidence')])).trim();
  });
}

process.exitCode = await main();
