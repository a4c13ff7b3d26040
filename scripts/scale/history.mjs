// Makes what a lake knows of many calls and of their audit logs, directly and without requests.
import { dist } from '../measure.mjs';
import { AT, CALLS, cursorOf, entryOf, LOGS, nameOf, USER } from './made.mjs';
import { commitCalls, rotate } from './rotation.mjs';

/** Rows of a history that are recent: half of what may be. */
export const RECENT = 4096;
const SHARD_ROWS = 22_000;
const SEGMENT_ROWS = 2500;

/** Writes a history: its youngest rows are recent, all others settled. */
export async function writeHistory(rows, ports) {
  const [{ hash64, HASH_END }, { entryCodec, cursorCodec }] = await Promise.all(
    ['functions/lake/digest/shard.js', 'functions/lake/digest/codecs.js'].map(dist),
  );
  const highs = new Uint32Array(rows);
  for (let n = 0; n < rows; n += 1) highs[n] = hash64(nameOf(n)).high;
  const byHash = Uint32Array.from({ length: rows }, (_, n) => n).sort((a, b) => highs[a] - highs[b]);
  const places = { highs, byHash, hash64, end: HASH_END };
  const entries = await writeShards(ports, CALLS, places, { codec: entryCodec, rowOf: entryOf });
  const cursors = await writeShards(ports, LOGS, places, { codec: cursorCodec, rowOf: cursorOf });
  const { named, basis, log } = await stateOfRun(ports);
  await writeLog(ports, CALLS, callLines(rows, entries), { named: named.calls, changed: { after: 0, keys: [], log } });
  await writeLog(ports, LOGS, logLines(rows, cursors), {
    named: named.logs,
    agenda: [await writeAgenda(ports, rows, basis)],
  });
}

/** What a run keeps that says by which settings it was made: a run of one call is made in a store of its own. */
async function stateOfRun({ codec, ...ports }) {
  const { memoryStore } = await dist('local/lake/memory-store.js');
  const { commitKey } = await dist('functions/lake/objects.js');
  const store = memoryStore();
  const own = { ...ports, codec, store };
  await rotate(own, AT, await commitCalls(own, AT, new Map([[nameOf(0), entryOf(0)]])));
  const stateOf = (id) => JSON.parse(Buffer.from(store.objects.get(commitKey(id, 1))).toString()).state;
  const [calls, logs] = [stateOf(CALLS), stateOf(LOGS)];
  const { head } = JSON.parse((await codec.expand(store.objects.get(logs.agenda[0]))).toString());
  return { named: { calls: calls.named, logs: logs.named }, basis: head.basis, log: calls.changed.log };
}

async function writeShards({ store }, id, { highs, byHash, hash64, end: hashEnd }, { codec, rowOf }) {
  const { mergeShard } = await dist('functions/lake/digest/merge-shard.js');
  const { shardKey } = await dist('functions/lake/objects.js');
  const shards = Math.max(1, Math.ceil(byHash.length / SHARD_ROWS));
  const edge = (n) => Math.floor((hashEnd * n) / shards);
  const refs = [];
  for (let shard = 0, first = 0; shard < shards; shard += 1) {
    const range = { from: edge(shard), to: edge(shard + 1) };
    let end = first;
    while (end < byHash.length && highs[byHash[end]] < range.to) end += 1;
    const fresh = Array.from(byHash.subarray(first, end), (n) => {
      const print = codec.fingerprint(rowOf(n));
      const line = `${JSON.stringify([nameOf(n), codec.encode(rowOf(n))])}\n`;
      return { name: nameOf(n), ...hash64(nameOf(n)), printHigh: print.high, printLow: print.low, mark: 0, line };
    }).sort((a, b) => a.high - b.high || a.low - b.low);
    const [merged] = mergeShard({ ref: { ...range, rows: 0 }, bytes: new Uint8Array() }, fresh);
    const key = shardKey(id, 1, 'history', shard + 1);
    await store.put(key, merged.bytes);
    refs.push({ ...range, rows: merged.rows, key });
    first = end;
  }
  return refs;
}

function* callLines(rows, entries) {
  yield { kind: 'root', root: { entries, cursors: [], firstKeys: [], next: {} } };
  for (let n = 0; n < Math.min(rows, RECENT); n += 1) yield { kind: 'entry', key: nameOf(n), entry: entryOf(n) };
  yield { kind: 'counts', counts: { live: new Map([[USER, rows]]), earliestDay: 0 } };
}

function* logLines(rows, cursors) {
  yield { kind: 'root', root: { entries: [], cursors, firstKeys: [], next: {} } };
  for (let n = 0; n < Math.min(rows, RECENT); n += 1)
    yield { kind: 'cursor', partition: nameOf(n), cursor: cursorOf(n) };
  yield { kind: 'counts', counts: { live: new Map(), earliestDay: undefined } };
}

async function writeLog(ports, id, lines, state) {
  const { writeDigest } = await dist('functions/lake/digest-objects.js');
  const { digestKey, commitKey, storedJson } = await dist('functions/lake/objects.js');
  const log = digestKey(id, 1, 'history');
  await writeDigest(ports, log, lines);
  const when = new Date(AT - 60_000).toISOString();
  const commit = {
    ...{ version: 2, n: 1, loadId: 'history', runId: 'history', ...id, at: when, startedAt: when, endedAt: when },
    ...{ status: 'ok', windowFrom: null, windowTo: null, raw: [], staged: [], digests: [log], scans: [], rejects: [] },
    counts: { requests: 0, records: 0, vendorTotal: null, changed: 0, unchanged: 0, deleted: 0, rejected: 0 },
    state: { sweptAt: AT, ...state },
  };
  await ports.store.put(commitKey(id, 1), storedJson(commit));
}

/** The agenda of the logs: all were read. The rows that are due last are recent, so that those of a tick are settled. */
async function writeAgenda({ store, codec }, rows, basis) {
  const { nextDueAt } = await dist('functions/extract/plan/next-due.js');
  const { encodeList } = await dist('functions/lake/agenda/known-list.js');
  const { encodeSegment } = await dist('functions/lake/agenda/segment.js');
  const { agendaKey, segmentKey } = await dist('functions/lake/objects.js');
  const { findSource } = await dist('functions/source/registry.js');
  const stream = (await findSource('kismet')).streams.call_audit_logs;
  const dues = new Float64Array(rows);
  for (let n = 0; n < rows; n += 1) {
    const facts = { id: nameOf(n), parent: entryOf(n), cursor: cursorOf(n), state: {}, at: AT };
    dues[n] = nextDueAt(stream, facts);
  }
  const order = Uint32Array.from({ length: rows }, (_, n) => n).sort((a, b) => dues[a] - dues[b]);
  const listOf = (n) => encodeList({ parent: entryOf(n), cursor: cursorOf(n) });
  const segments = [];
  const end = rows - Math.min(RECENT, rows / 2);
  for (let from = 0; from < end; from += SEGMENT_ROWS) {
    const own = Array.from(order.subarray(from, Math.min(end, from + SEGMENT_ROWS)), (n) => [
      dues[n],
      nameOf(n),
      listOf(n),
    ]);
    const key = segmentKey(LOGS, 1, 'history', segments.length + 1);
    await store.put(key, encodeSegment(own));
    segments.push([own[0][0], own.length, key]);
  }
  const key = agendaKey(LOGS, 1, 'history');
  const head = { basis, at: AT - 60_000, followed: 1 };
  const recent = Array.from(order.subarray(end), (n) => [nameOf(n), dues[n], null, listOf(n)]);
  await store.put(key, await codec.compress(Buffer.from(JSON.stringify({ version: 2, head, segments, rows: recent }))));
  return key;
}
