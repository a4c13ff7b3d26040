// Measures what a run costs in the digest as history grows: histories of so many rows are made directly, without requests, and each
// step runs in a process of its own, on the built code. CPU is that of the digest's work alone; memory is that of the process.
// npm run bench -- scale [MOST ROWS]
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const ID = { source: 'bench', account: 'default', stream: 'calls' };
const SIZES = [1e4, 1e5, 1e6, 1e7];
/** Rows of a history that are recent: half of what may be. */
const RECENT = 4096;
const NEW = 200;
const LATE = 60;
const SCANNED = 20_000;
const PAGE = 100;
const SHARD_ROWS = 22_000;
const AT = Date.parse('2026-11-01T09:00:00Z');
const DAY_MS = 86_400_000;
/** The heap of the Lambda with 1,024 MB, and its young generation. */
const NODE_OPTIONS = ['--max-semi-space-size=8', '--max-old-space-size=512'];

/** A made key, as a vendor's: the same for the same number. */
const nameOf = (n) => `${n.toString(16).padStart(8, '0')}-7c1e-4b52-9d3f-0a6b5c4d3e2f`;
const entryOf = (n) => ({
  contentHash: `hash-of-22-characters${n % 10}`,
  partOn: Math.floor(AT / DAY_MS) - (n % 700),
  firstSeenAt: AT - n * 1000,
});

const STEPS = {
  'hourly tick': tick,
  'first run of a scan': scan,
  'settling of one commit': settle,
};

/** Makes histories and measures each step. @param most rows of the largest history */
export async function compareSizes(most = 1e6) {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-scale-'));
  try {
    const figures = [];
    for (const rows of SIZES.filter((size) => size <= most)) {
      const place = join(folder, String(rows));
      const key = await runStep('history', rows, place);
      for (const what of Object.keys(STEPS)) figures.push({ rows, what, ...(await runStep(what, rows, place, key)) });
      await rm(place, { recursive: true });
    }
    show(figures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runStep(...args) {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const self = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE_OPTIONS, self, ...args.map(String)]);
  return JSON.parse(stdout);
}

function show(figures) {
  for (const what of Object.keys(STEPS)) {
    const own = figures.filter((one) => one.what === what);
    console.log(`\n${what.padEnd(24)} CPU ms    ratio   peak MiB   reads   read KB    ratio   written KB`);
    for (const { rows, cpu, rss, reads, read, written } of own) {
      const cells = [cpu, cpu / own[0].cpu, rss, reads, read / 1000, read / own[0].read, written / 1000];
      const digits = [0, 2, 0, 0, 0, 2, 0];
      console.log(
        `${String(rows).padStart(12)} rows     ${cells.map((n, k) => n.toFixed(digits[k]).padStart(8)).join('  ')}`,
      );
    }
  }
}

/** A folder that counts what is read and written. */
async function countingStore(folder) {
  const { fsStore } = await dist('local/lake/fs-store.js');
  const store = fsStore(folder);
  const counts = { reads: 0, read: 0, written: 0 };
  return {
    counts,
    store: {
      ...store,
      async get(key, range) {
        const body = await store.get(key, range);
        counts.reads += 1;
        counts.read += body?.byteLength ?? 0;
        return body;
      },
      put(key, body, options) {
        counts.written += body.byteLength;
        return store.put(key, body, options);
      },
    },
  };
}

/** Writes a history: its youngest rows are recent, all others settled. @returns the key of its log */
async function history(rows, folder) {
  const [
    { hash64, HASH_END },
    { mergeShard },
    { entryCodec },
    { writeDigest },
    { shardKey, digestKey },
    { nodePorts },
  ] = await Promise.all(
    [
      'functions/lake/digest/shard.js',
      'functions/lake/digest/merge-shard.js',
      'functions/lake/digest/codecs.js',
      'functions/lake/digest-objects.js',
      'functions/lake/objects.js',
      'functions/node-ports.js',
    ].map(dist),
  );
  const { store } = await countingStore(folder);
  const shards = Math.max(1, Math.ceil(rows / SHARD_ROWS));
  const highs = new Uint32Array(rows);
  for (let n = 0; n < rows; n += 1) highs[n] = hash64(nameOf(n)).high;
  const byHash = Uint32Array.from({ length: rows }, (_, n) => n).sort((a, b) => highs[a] - highs[b]);
  const refs = [];
  for (let shard = 0, first = 0; shard < shards; shard += 1) {
    const range = edgesOf(shard, shards, HASH_END);
    let end = first;
    while (end < rows && highs[byHash[end]] < range.to) end += 1;
    const fresh = Array.from(byHash.subarray(first, end), (n) => freshRow(n, hash64, entryCodec)).sort(
      (a, b) => a.high - b.high || a.low - b.low,
    );
    const [merged] = mergeShard({ ref: { ...range, rows: 0 }, bytes: new Uint8Array() }, fresh);
    const key = shardKey(ID, 1, 'history', shard + 1);
    await store.put(key, merged.bytes);
    refs.push({ ...range, rows: merged.rows, key });
    first = end;
  }
  const log = digestKey(ID, 1, 'history');
  await writeDigest({ ...nodePorts, store }, log, logOf(rows, refs));
  return log;
}

const edgesOf = (n, parts, end) => ({ from: Math.floor((end * n) / parts), to: Math.floor((end * (n + 1)) / parts) });

function freshRow(n, hash64, codec) {
  const name = nameOf(n);
  const print = codec.fingerprint(entryOf(n));
  const line = `${JSON.stringify([name, codec.encode(entryOf(n))])}\n`;
  return { name, ...hash64(name), printHigh: print.high, printLow: print.low, mark: 0, line };
}

function* logOf(rows, entries) {
  yield { kind: 'root', root: { entries, cursors: [], firstKeys: [], next: {} } };
  for (let n = 0; n < Math.min(rows, RECENT); n += 1) yield { kind: 'entry', key: nameOf(n), entry: entryOf(n) };
  yield { kind: 'counts', counts: { live: new Map([[undefined, rows]]), earliestDay: 0 } };
}

async function openHistory(folder, log) {
  const { openDigest } = await dist('functions/lake/digest/open-digest.js');
  const { nodePorts } = await dist('functions/node-ports.js');
  const { store, counts } = await countingStore(folder);
  const ports = { ...nodePorts, store };
  const owner = { id: ID, isOvertaken: async () => false };
  return { ports, counts, owner, open: () => openDigest(ports, [log], owner) };
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

/** New records, and late edits of settled ones. */
const changedNames = (rows) => [
  ...Array.from({ length: NEW }, () => randomUUID()),
  ...Array.from({ length: LATE }, (_, n) => nameOf(RECENT + Math.floor(((n + 0.5) * (rows - RECENT)) / LATE))),
];

async function tick(rows, { ports, open }) {
  const { writeDigest } = await dist('functions/lake/digest-objects.js');
  const digest = await open();
  await takePages(digest, changedNames(rows));
  await writeDigest(ports, 'digests/bench/default/calls/tick', digest.changes());
}

async function scan(rows, { open }) {
  const { fingerprint, isPrint } = await dist('functions/lake/digest/fingerprint.js');
  const digest = await open();
  await digest.beginScan();
  for (let n = 0; n < Math.min(rows, SCANNED); n += 1) {
    const name = nameOf(Math.floor((n * rows) / Math.min(rows, SCANNED)));
    const print = digest.parts.entries.settled.shards.printOf(name);
    const own = fingerprint({
      contentHash: `hash-of-22-characters${n % 10}`,
      group: undefined,
      optedOut: false,
      children: new Map(),
    });
    if (!digest.entries.recent.has(name) && n % 1000 === 0 && !isPrint(print, own)) await takePages(digest, [name]);
    digest.show(name);
  }
}

async function settle(rows, { ports, owner, open }) {
  const { settleDigest } = await dist('functions/lake/digest/settle-digest.js');
  const { TUNING } = await dist('functions/extract/tuning.js');
  const digest = await open();
  await takePages(digest, changedNames(rows));
  const keyOf = (part) => `digests/bench/default/calls/settled-${part}`;
  await settleDigest(digest, { ...TUNING, recentRows: RECENT }, { store: ports.store, owner, keyOf });
}

/** One step in this process. */
async function measure(what, rows, folder, log) {
  if (what === 'history') return history(rows, folder);
  const place = await openHistory(folder, log);
  // Code is loaded and warm: a Lambda is started once for many ticks.
  await STEPS['hourly tick'](rows, {
    ...place,
    ports: { ...place.ports, store: { ...place.ports.store, put: async () => true } },
  });
  Object.assign(place.counts, { reads: 0, read: 0, written: 0 });
  const before = process.cpuUsage();
  await STEPS[what](rows, place);
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, rss: process.resourceUsage().maxRSS / 1024, ...place.counts };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [what, rows, folder, log] = process.argv.slice(2);
  const result = await measure(what, Number(rows), folder, log?.replaceAll('"', ''));
  console.log(JSON.stringify(result));
}
