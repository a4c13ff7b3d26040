// Measures what the pipeline costs beside the least that any extractor must do: fetch every page and parse it. Each part runs in
// a process of its own, interleaved, on the built code; ratios of one run are what counts, the machine's speed drifts.
// npm run bench [-- CALLS [ROUNDS]]; what a run costs as history grows: npm run bench -- scale [MOST ROWS]; requests of a day:
// npm run bench -- requests; what answers cost over a million calls: npm run bench -- answers [CALLS [ROUNDS]]. Where `python3`, or the
// program that BENCH_PYTHON names, has dlt, dlt reads the same calls beside it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { countRequests } from './bench-requests.mjs';
import { compareSizes } from './bench-scale.mjs';
import { dist, report, runCommand } from './measure.mjs';

/** The Lambdas' young generation, for the same figures on every Node; both parts have it. */
const NODE_OPTIONS = ['--max-semi-space-size=8'];
const PYTHON = process.env.BENCH_PYTHON ?? 'python3';
/** Of one round, times the CPU of the floor; and memory of the extraction, MiB. */
const BOUNDS = { pipeline: 4, loaded: 6, whole: 6 };
const PIPELINE_MIB = 256;
const LABELS = {
  floor: 'fetch and parse',
  pipeline: 'staged, raw, digests',
  loaded: 'the same, and loaded',
  whole: 'callhouse run',
  dlt: 'dlt to Parquet files',
};
const self = fileURLToPath(import.meta.url);
const [mode = '20000', ...rest] = process.argv.slice(2);
const parts = {
  simulator,
  floor,
  pipeline,
  loaded,
  whole,
  scale: (most = '1000000') => compareSizes(Number(most)),
  requests: countRequests,
  // Imported when it is asked for: it brings DuckDB, which the floor must do without.
  answers: async (...given) => (await import('./bench-answers.mjs')).compareAnswers(...given),
};
await (parts[mode] ?? (() => compare(Number(mode), Number(rest[0] ?? 3))))(...rest);

async function simulator(calls) {
  const { startSimulators } = await dist('local/simulators/start-simulators.js');
  const sims = await startSimulators({ callsPerVendor: Number(calls), days: 60, transcripts: 'nested' });
  console.log(JSON.stringify({ env: sims.env, now: sims.now() }));
}

async function floor(given) {
  const { env } = JSON.parse(given);
  const headers = { 'X-API-KEY': env.ZUDU_API_KEY, 'X-API-SECRET': env.ZUDU_API_SECRET };
  let records = 0;
  let more = true;
  for (let page = 0; more; page += 1) {
    const answer = await fetch(`${env.ZUDU_BASE_URL}/api/calls?page=${page}&limit=50`, { headers });
    const { data } = JSON.parse(await answer.text());
    records += data.calls.length;
    more = data.pagination.has_next_page;
  }
  report({ records });
}

async function pipeline(given, folder) {
  report({ records: await extract(given, folder) });
}

/** @returns records staged */
async function extract(given, folder) {
  const { env, now } = JSON.parse(given);
  const { extractHandler } = await dist('functions/handlers/extract.js');
  const { parseSettings } = await dist('functions/settings.js');
  const settings = parseSettings({ sources: { zudu: { baseUrl: env.ZUDU_BASE_URL, maxRps: 1000 } } }, 'bench');
  const result = await extractHandler(await portsOf(folder, env), settings)({ source: 'zudu', at: now });
  if (result.exitCode !== 0) throw new Error(result.error ?? result.streams[0]?.error);
  return result.streams[0].changed;
}

/** From the vendor's list to the tables of the warehouse, without what a run does besides: the copy for BI tools and the page. */
async function loaded(given, folder) {
  const { env } = JSON.parse(given);
  const dir = (await dist('local/settings/data-dir.js')).dataDirAt(folder);
  const records = await extract(given, dir.lake);
  const [{ loadHandler }, { streamsToLoad }, { warehouseIn }, { loadSources }] = await Promise.all(
    [
      'functions/handlers/load.js',
      'functions/load/plan.js',
      'local/warehouse/warehouse.js',
      'functions/source/registry.js',
    ].map(dist),
  );
  const engine = warehouseIn({ dir, env: {} });
  const plan = { streams: streamsToLoad((await loadSources()).stored), accounts: { zudu: ['default'] } };
  const { changed, error } = await loadHandler(plan, { ...(await portsOf(dir.lake, env)), engine })();
  await engine.close();
  if (error !== undefined || changed['callhouse.zudu_calls'] !== records) throw new Error(error ?? 'rows are missing');
  report({ records });
}

/** The command as users run it: with the load, the checks, the copy for BI tools and the page. */
async function whole(given, folder) {
  const { env, now } = JSON.parse(given);
  const { ZUDU_BASE_URL, ZUDU_API_KEY, ZUDU_API_SECRET } = env;
  Object.assign(process.env, { ZUDU_BASE_URL, ZUDU_API_KEY, ZUDU_API_SECRET, ZUDU_MAX_RPS: '1000' });
  await runCommand('run', 'zudu', '--data-dir', folder, '--at', now, '--json');
}

async function portsOf(folder, env) {
  const [{ fsStore }, { envSecrets }, { thisProcess }, { hyparquetWriter }, { nodePorts }, { vendorHttp }] =
    await Promise.all(
      [
        'local/lake/fs-store.js',
        'local/settings/env-secrets.js',
        'local/ports/this-process.js',
        'functions/parquet/hyparquet.js',
        'functions/node-ports.js',
        'functions/http/vendor-http.js',
      ].map(dist),
    );
  return {
    ...nodePorts,
    store: fsStore(folder),
    secrets: envSecrets(env),
    parquet: hyparquetWriter(),
    hashKey: async () => 'hash key of the benchmark, with 32 characters and more',
    fetch: vendorHttp({}),
    log: () => {},
    now: Date.now,
    random: Math.random,
    sleep: (ms) => setTimeout(ms),
    process: thisProcess(),
    remainingMs: () => Number.POSITIVE_INFINITY,
  };
}

async function compare(calls, rounds) {
  const vendor = start('simulator', String(calls));
  const [line] = await once(createInterface(vendor.stdout), 'line');
  const hasDlt = await promisify(execFile)(PYTHON, ['-c', 'import dlt']).then(
    () => true,
    () => false,
  );
  const measured = Object.keys(LABELS).filter((part) => part !== 'dlt' || hasDlt);
  const figures = Object.fromEntries(measured.map((part) => [part, []]));
  await run('floor', line); // the simulator writes each record's text once
  for (let round = 0; round < rounds; round += 1)
    for (const part of measured) figures[part].push(await inFolder((folder) => runPart(part, line, folder)));
  vendor.kill();
  console.log(`${calls} nested Zudu calls, ${rounds} rounds, Node ${process.versions.node}`);
  const missed = measured.flatMap((part) => show(part, figures));
  if (!hasDlt) console.log(`${LABELS.dlt.padEnd(22)}SKIPPED: ${PYTHON} cannot import dlt; see CONTRIBUTING.md`);
  console.log(missed.length === 0 ? 'all bounds are met' : `bounds missed: ${missed.join(', ')}`);
  if (missed.length > 0) process.exitCode = 1;
}

async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-bench-'));
  try {
    return { ...(await work(folder)), bytes: await sizeOf(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Prints the figures of one part. @returns the bounds that it misses */
function show(part, figures) {
  const own = figures[part];
  if (own.some(({ records }) => records !== undefined && records !== figures.floor[0].records))
    throw new Error(`${LABELS[part]}: not every call was taken`);
  const rss = Math.max(...own.map((figure) => figure.rss));
  const ratios = own.map((figure, n) => figure.cpu / figures.floor[n].cpu);
  const cells = [
    `${median(own.map(({ cpu }) => cpu)).toFixed(2)} CPU s`,
    `${rss.toFixed(0)} MiB at most`,
    `${(own[0].bytes / 1e6).toFixed(1)} MB written`,
    `ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
  ];
  const bound = BOUNDS[part];
  console.log(`${LABELS[part].padEnd(22)}${cells.join('; ')}${bound ? `, bound ${bound}` : ''}`);
  return [
    ...(median(ratios) > bound
      ? [`${LABELS[part]}: ${median(ratios).toFixed(2)} times the floor, at most ${bound}`]
      : []),
    ...(part === 'pipeline' && rss > PIPELINE_MIB
      ? [`${LABELS[part]}: ${rss.toFixed(0)} MiB, at most ${PIPELINE_MIB}`]
      : []),
  ];
}

function runPart(part, line, folder) {
  return part === 'dlt' ? runDlt(line, folder) : run(part, line, folder);
}

/** dlt appends to plain files: it neither compares with what is known nor loads. */
async function runDlt(line, folder) {
  const script = fileURLToPath(new URL('peers/dlt_zudu.py', import.meta.url));
  const env = { ...process.env, ...JSON.parse(line).env };
  const { stdout } = await promisify(execFile)(PYTHON, [script, folder], { env });
  return JSON.parse(stdout);
}

function start(...args) {
  return spawn(process.execPath, [...NODE_OPTIONS, self, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function run(...args) {
  const child = start(...args);
  const lines = createInterface(child.stdout);
  const [[line]] = await Promise.all([once(lines, 'line'), once(child, 'exit')]);
  return JSON.parse(line);
}

async function sizeOf(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map(async (file) => (await stat(join(file.parentPath ?? file.path, file.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
