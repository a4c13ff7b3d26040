// Measures what it costs to ask the views over so many calls, beside reading the view `calls` once. Each question is asked in a process
// of its own, on the built code; ratios of CPU of one run are what counts, the machine's speed drifts.
// npm run bench -- answers [CALLS [ROUNDS]]
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { dist, report, runCommand } from './measure.mjs';

/** Calls of each of four vendors that are extracted; each is then there many times. */
const EXTRACTED = 250;
/** All calls are within the 64 days that the page reads. */
const DAYS = 60;
/** What each costs at most, beside `calls`. */
const BOUNDS = { calls_daily: 1.5, calls_hourly: 1.5, handlers_weekly: 1.5, key_figures: 2, concurrency_hourly: 3 };
const PAGE = { ratio: 5, mebibytes: 1024 };
const SETTINGS = { timeZone: 'America/New_York', openingHours: { mon: ['08:00-12:00'], tue: ['08:00-18:00'] } };

const self = fileURLToPath(import.meta.url);
const program = (...args) => promisify(execFile)(process.execPath, args.map(String), { maxBuffer: 1e8 });
const cli = (env, ...args) =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL('../dist/local/cli.js', import.meta.url)), ...args], {
    env: { ...process.env, ...env },
    maxBuffer: 1e8,
  });

/** Makes a warehouse of so many calls, and measures each view and the page. */
export async function compareAnswers(calls = '1000000', rounds = '3') {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-answers-'));
  try {
    const copies = Math.max(1, Math.round(Number(calls) / EXTRACTED / 4));
    const at = await fill(folder, copies);
    const figures = [];
    for (let round = 0; round < Number(rounds); round += 1) figures.push(await askAll(folder, at));
    show(figures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns the instant of the run */
async function fill(folder, copies) {
  const { startSimulators } = await dist('local/simulators/start-simulators.js');
  const vendors = await startSimulators({ callsPerVendor: EXTRACTED, days: DAYS, repeatCallers: 0.3 });
  const at = vendors.now().toISOString();
  const config = join(folder, 'callhouse.config.json');
  const sources = Object.fromEntries(Object.keys(vendors.urls).map((name) => [name, { maxRps: 1000 }]));
  await writeFile(config, JSON.stringify({ ...SETTINGS, sources }));
  await cli(vendors.env, 'run', '--data-dir', folder, '--config', config, '--at', at);
  await vendors.close();
  await multiply(join(folder, 'warehouse.duckdb'), copies);
  // The copy for BI tools is made anew, with the rows that no run added.
  for (const name of ['bi', '.published.json']) await rm(join(folder, name), { recursive: true, force: true });
  await cli({}, 'report', '--data-dir', folder, '--at', at);
  return at;
}

/**
 * Adds copies of each row about calls, with ids, hashes and measures of their own, each ten seconds later than the one before. Copies of a
 * row are far from each other, because DuckDB judges a value once that many rows in a row share.
 */
async function multiply(path, copies) {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const tables = await connection.runAndReadAll(
    "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'callhouse' AND NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'callhouse')",
  );
  for (const [table, own] of groups(tables.getRows())) {
    if (!/calls$|call_(participants|audit_logs|audit_changes|versions)$/.test(table)) continue;
    const values = own.map(([, name, type]) => `${ownValue(name, type)} AS "${name}"`);
    await connection.run(
      `INSERT INTO callhouse."${table}" SELECT ${values.join(', ')} FROM callhouse."${table}" CROSS JOIN range(1, ${copies}) copies(n) ORDER BY n`,
    );
  }
  connection.closeSync();
  instance.closeSync();
}

/** Columns by their table. */
function groups(rows) {
  const found = new Map();
  for (const row of rows) found.set(row[0], [...(found.get(row[0]) ?? []), row]);
  return found;
}

function ownValue(name, type) {
  if (/^(id|call_id|audit_log_id)$/.test(name))
    return type === 'BIGINT' ? `"${name}" + n * 100000000000` : `"${name}" || '-' || n`;
  if (name.endsWith('_hash')) return `sha256("${name}" || n)`;
  if (name.endsWith('_at') && !name.startsWith('_')) return `"${name}" + to_seconds(10 * n)`;
  if (/_(seconds|ms)$/.test(name)) return `"${name}" + n % 89`;
  if (/^(DOUBLE|DECIMAL.*)$/.test(type)) return `CAST("${name}" * (1 + n % 97 / 1000) AS ${type})`;
  return `"${name}"`;
}

async function askAll(folder, at) {
  const copy = join(folder, 'bi', 'callhouse.duckdb');
  const figures = {};
  for (const view of ['calls', ...Object.keys(BOUNDS)]) figures[view] = await measure('view', view, copy);
  figures['page'] = await measure('page', folder, at);
  return figures;
}

async function measure(...args) {
  return JSON.parse((await program(self, ...args)).stdout);
}

/** Reads every column of every row. */
async function readView(view, copy) {
  const { queryCopy } = await dist('local/publish/query-copy.js');
  const { rows } = await queryCopy(copy, `SELECT count(*), bit_xor(hash(v)) FROM ${view} v`);
  report({ rows: Number(rows[0][0]) });
}

/** Writes the manager's page, as the command does. */
async function writePage(folder, at) {
  await runCommand('report', '--data-dir', folder, '--at', at);
}

/** Of all rounds, the one with the least CPU of each: what else runs on the machine only adds to it. */
function show(rounds) {
  const least = (what) => rounds.map((figures) => figures[what]).sort((a, b) => a.cpu - b.cpu)[0];
  const { cpu: base, rows } = least('calls');
  console.log(`${rows} calls, ${rounds.length} rounds, Node ${process.versions.node}`);
  let missed = 0;
  for (const [what, bound] of Object.entries({ calls: 1, ...BOUNDS, page: PAGE.ratio })) {
    const { cpu, rss } = least(what);
    const isMissed = cpu / base > bound || (what === 'page' && rss > PAGE.mebibytes);
    missed += isMissed ? 1 : 0;
    const ratio = `ratio ${(cpu / base).toFixed(2).padStart(5)}, bound ${bound}`;
    console.log(
      `${what.padEnd(20)} ${cpu.toFixed(2).padStart(6)} CPU s  ${rss.toFixed(0).padStart(5)} MiB  ${ratio}${isMissed ? '  MISSED' : ''}`,
    );
  }
  if (missed > 0) process.exitCode = 1;
}

const parts = { view: readView, page: writePage };
const [part, ...rest] = process.argv.slice(2);
if (process.argv[1] === self) await parts[part](...rest);
