// Measures what a run costs in the digest as history grows: histories of so many rows are made directly, without requests, and each
// step runs in a process of its own, on the built code. CPU is that of the digest's work alone; memory is that of the process.
// npm run bench -- scale [MOST ROWS]
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dist } from './measure.mjs';
import { countingStore } from './scale/counting-store.mjs';
import { RECENT, writeHistory } from './scale/history.mjs';
import { CALLS, entryOf, nameOf } from './scale/made.mjs';
import { commitCalls, DUE, rotate, timeOf } from './scale/rotation.mjs';

const SIZES = [1e4, 1e5, 1e6, 1e7];
const ROUNDS = 5;
const [NEW, LATE, SCANNED, PAGE] = [200, 60, 20_000, 100];
const FIRST_LOAD = 'first load';
/** The heap of the Lambda with 1,024 MB, and its young generation. */
const NODE_OPTIONS = ['--max-semi-space-size=8', '--max-old-space-size=512'];
/** What a step must not exceed beside the smallest history, and MiB by rows. */
const BOUNDS = { cpu: 1.5, bytes: 2.2, tenfold: 1.3, rss: { 1e6: 400, 1e7: 640 }, firstLoad: 768 };
/** Requests and bytes of a tick. */
const TICKS = ['hourly tick', 'rotation tick'];
const TICK = { reads: 600, read: 2.5e6 };

const STEPS = {
  'hourly tick': tick,
  'tick within a scan': scan,
  'rotation tick': rotation,
  'settling of one commit': settle,
};

/** Makes histories and measures each step. @param most rows of the largest history */
export async function compareSizes(most = 1e6) {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-scale-'));
  try {
    const figures = [];
    const sizes = SIZES.filter((size) => size <= most);
    const placeOf = (rows) => join(folder, String(rows));
    for (const rows of sizes) {
      await runStep('history', rows, placeOf(rows));
      for (const what of Object.keys(STEPS))
        figures.push({ rows, what, ...(await leastOf(what, [...new Set([rows, sizes[0]])], placeOf)) });
      console.error(`${rows} rows are measured`);
      if (rows !== sizes[0]) await rm(placeOf(rows), { recursive: true });
    }
    const rows = sizes.at(-1);
    figures.push({ rows, what: FIRST_LOAD, ...(await runStep(FIRST_LOAD, rows, join(folder, 'new'))) });
    show(figures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Of five times, the one with the least CPU: what else runs on the machine only adds to it. The smallest history is measured beside each
 * other one, because the machine's speed drifts.
 * @param sizes rows of the history to measure, and of the smallest one
 */
async function leastOf(what, sizes, placeOf) {
  const times = sizes.map(() => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [n, rows] of sizes.entries()) times[n].push(await runStep(what, rows, placeOf(rows)));
  const least = times.map((own) => own.sort((a, b) => a.cpu - b.cpu)[0]);
  return { ...least[0], cpuOfSmallest: least.at(-1).cpu };
}

async function runStep(...args) {
  // Making a history is no part of a run.
  const options = args[0] === 'history' ? [] : NODE_OPTIONS;
  const self = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [...options, self, ...args.map(String)]);
  return JSON.parse(stdout);
}

function show(figures) {
  console.log(`Node ${process.versions.node}, ${NODE_OPTIONS.join(' ')}`);
  for (const what of [...Object.keys(STEPS), FIRST_LOAD]) {
    const own = figures.filter((one) => one.what === what);
    console.log(`\n${what.padEnd(24)} CPU ms    ratio   peak MiB   reads   read KB    ratio   written KB`);
    for (const { rows, cpu, cpuOfSmallest = cpu, rss, reads, read, written } of own) {
      const cells = [cpu, cpu / cpuOfSmallest, rss, reads, read / 1000, read / own[0].read, written / 1000];
      const digits = [0, 2, 0, 0, 0, 2, 0];
      console.log(
        `${String(rows).padStart(12)} rows     ${cells.map((n, k) => n.toFixed(digits[k]).padStart(8)).join('  ')}`,
      );
    }
  }
  const missed = figures.flatMap((one) => missedBounds(one, figures));
  console.log(missed.length === 0 ? '\nall bounds are met' : `\nbounds missed:\n${missed.join('\n')}`);
  if (missed.length > 0) process.exitCode = 1;
}

/** The bounds that a step exceeds; settling is not done in each tick, so it has one of memory only. */
function missedBounds({ rows, what, cpu, cpuOfSmallest, rss, reads, read }, figures) {
  const least = figures.find((one) => one.what === what);
  const million = figures.find((one) => one.what === what && one.rows === 1e6) ?? least;
  const checks = [['peak MiB', rss, what === FIRST_LOAD ? BOUNDS.firstLoad : (BOUNDS.rss[rows] ?? BOUNDS.rss[1e6])]];
  if (TICKS.includes(what)) {
    checks.push(['CPU beside the least', cpu / cpuOfSmallest, BOUNDS.cpu], ['reads', reads, TICK.reads]);
    checks.push(['bytes beside the least', read / least.read, BOUNDS.bytes], ['bytes read', read, TICK.read]);
    if (rows > 1e6) checks.push(['bytes beside 1000000 rows', read / million.read, BOUNDS.tenfold]);
  }
  return checks.flatMap(([name, seen, most]) =>
    seen > most ? [`${what}, ${rows} rows: ${name} ${seen.toFixed(2)}, at most ${most}`] : [],
  );
}

async function openPlace(folder, isDry) {
  const { openDigest } = await dist('functions/lake/digest/open-digest.js');
  const { nodePorts } = await dist('functions/node-ports.js');
  const { digestKey } = await dist('functions/lake/objects.js');
  const { store, counts } = await countingStore(folder, isDry);
  const { hyparquetWriter } = await dist('functions/parquet/hyparquet.js');
  const ports = { ...nodePorts, store, parquet: hyparquetWriter() };
  const owner = { id: CALLS, isOvertaken: async () => false };
  return { ports, counts, owner, open: () => openDigest(ports, [digestKey(CALLS, 1, 'history')], owner) };
}

/** Looks up pages of records, and sets what is new or has changed. */
async function takePages(digest, names) {
  for (let from = 0; from < names.length; from += PAGE) {
    const page = names.slice(from, from + PAGE);
    await digest.entries.load(page);
    for (const name of page) digest.set(name, { ...(digest.entries.get(name) ?? entryOf(0)), contentHash: 'changed' });
    digest.release();
  }
}

/** Numbers of settled records that are edited late. */
const lateNumbers = (rows) =>
  Array.from({ length: LATE }, (_, n) => RECENT + Math.floor(((n + 0.5) * (rows - RECENT)) / LATE));

/** New records, and late edits of settled ones. */
const changedNames = (rows) => [...Array.from({ length: NEW }, () => randomUUID()), ...lateNumbers(rows).map(nameOf)];

async function tick(rows, { ports, open }) {
  const { writeDigest } = await dist('functions/lake/digest-objects.js');
  const digest = await open();
  await takePages(digest, changedNames(rows));
  await writeDigest(ports, 'digests/kismet/default/calls/tick', digest.changes());
}

/** A run within a full scan: it continues with what the runs before have shown, and shows more. */
async function scan(rows, { ports, open, begin }) {
  const { WALKED } = await dist('functions/lake/digest/scan-notes.js');
  const seen = Math.min(rows, SCANNED);
  const placeOf = (n) => Math.floor((n * rows) / seen);
  const before = await open();
  await before.scan.begin();
  before.scan.beginList();
  for (let n = 0; n < seen; n += 2) before.scan.show(nameOf(placeOf(n)), WALKED);
  const notes = await ports.codec.compress(before.scan.stored());
  before.release(true);
  begin();
  const digest = await open();
  if (!(await digest.scan.restore(await ports.codec.expand(notes)))) throw new Error('the notes are of another digest');
  await showPages(digest, placeOf, { seen, mark: WALKED });
  await ports.store.put('digests/kismet/default/calls/scan', await ports.codec.compress(digest.scan.stored()));
}

async function showPages(digest, placeOf, { seen, mark }) {
  const { fingerprint, isPrint } = await dist('functions/lake/digest/fingerprint.js');
  const { printOf } = digest.parts.entries.settled.shards;
  for (let n = 1; n < seen; n += 2) {
    const [name, { contentHash, group }] = [nameOf(placeOf(n)), entryOf(placeOf(n))];
    const own = fingerprint({ contentHash, group, optedOut: false, children: new Map() });
    if (!digest.entries.recent.has(name) && !isPrint(printOf(name), own))
      throw new Error('a row has not its fingerprint');
    digest.scan.show(name, mark);
  }
}

async function settle(rows, { ports, owner, open }) {
  const { settleDigest } = await dist('functions/lake/digest/settle-digest.js');
  const { TUNING } = await dist('functions/extract/tuning.js');
  const digest = await open();
  await takePages(digest, changedNames(rows));
  const keyOf = (part) => `digests/kismet/default/calls/settled-${part}`;
  await settleDigest(digest, { ...TUNING, recentRows: RECENT }, { store: ports.store, owner, keyOf });
}

/** The audit logs of a tick: its new and changed calls are committed before, and are not measured. */
async function rotation(rows, { ports, begin }) {
  const at = await timeOf(ports);
  const changed = [
    ...Array.from({ length: NEW }, () => [randomUUID(), { ...entryOf(0), firstSeenAt: at }]),
    ...lateNumbers(rows).map((n) => [nameOf(n), { ...entryOf(n), contentHash: 'changed' }]),
  ];
  const known = await commitCalls(ports, at, new Map(changed));
  begin();
  const due = await rotate(ports, at, known);
  if (due < changed.length + DUE - LATE || due > changed.length + DUE) throw new Error(`${due} lists were due`);
}

/** A first load: all rows are new, and are settled as often as a run does. */
async function firstLoad(rows, { ports, owner }) {
  const { settleDigest } = await dist('functions/lake/digest/settle-digest.js');
  const { newDigest } = await dist('functions/lake/digest.js');
  const { TUNING } = await dist('functions/extract/tuning.js');
  const digest = newDigest();
  let part = 0;
  const keyOf = () => {
    part += 1;
    return `digests/kismet/default/calls/first-${part}`;
  };
  for (let n = 0; n < rows; n += PAGE) {
    const names = Array.from({ length: Math.min(PAGE, rows - n) }, (_, k) => nameOf(n + k));
    await digest.entries.load(names);
    for (const [k, name] of names.entries()) digest.set(name, entryOf(n + k));
    digest.release();
    if (digest.size() <= TUNING.mostRecentRows && n + PAGE < rows) continue;
    const superseded = await settleDigest(digest, TUNING, { store: ports.store, owner, keyOf });
    digest.markSaved();
    for (const key of superseded) await ports.store.delete(key);
  }
}

/** One step in this process. */
async function measure(what, rows, folder) {
  const place = await openPlace(folder, what in STEPS);
  if (what === 'history') return writeHistory(rows, place.ports);
  let before;
  const begin = () => {
    Object.assign(place.counts, { reads: 0, read: 0, written: 0 });
    before = process.cpuUsage();
  };
  // Code is loaded and warm: a Lambda is started once for many ticks.
  if (what !== FIRST_LOAD) await tick(rows, place);
  begin();
  await (STEPS[what] ?? firstLoad)(rows, { ...place, begin });
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, rss: process.resourceUsage().maxRSS / 1024, ...place.counts };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, rows, folder] = process.argv.slice(2);
  console.log(JSON.stringify((await measure(what, Number(rows), folder)) ?? {}));
}
