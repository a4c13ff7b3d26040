import { StateError } from '../errors.ts';
import { compileDropSensitive } from '../extract/redact/drop-sensitive.ts';
import { newRejects } from '../extract/rows/coerce.ts';
import { compileKey, type StableKeys } from '../extract/rows/column-reader.ts';
import { compileErasedKey } from '../extract/rows/erased.ts';
import { compileFlatten } from '../extract/rows/flatten.ts';
import { shownTexts } from '../extract/rows/shown-texts.ts';
import type { Commit } from '../lake/commit.ts';
import { readCommitsAfter, readLastCommit, readState } from '../lake/commit-log.ts';
import type { Rows } from '../lake/digest/digest-parts.ts';
import { openDigest } from '../lake/digest/open-digest.ts';
import { newDigest } from '../lake/digest.ts';
import type { StreamId } from '../lake/objects.ts';
import type { Partition } from '../source/page.ts';
import type { Source, Stream } from '../source/source.ts';
import { compileRefill } from './refill-row.ts';
import { seeRecords } from './seen-records.ts';
import { emptyingOf, isOptedOutRow, isUpsert, keyOfRow, readStagedRows } from './staged-rows.ts';
import type { KnownBefore, ReplayPorts, ReplayRules, SeenRecords, StreamReplay } from './stream-replay.ts';

/** What a stream is replayed with. */
export interface StreamRules {
  readonly id: StreamId;
  readonly source: Source;
  readonly stream: Stream;
  readonly rules: ReplayRules;
  /** Every partition that the source could list of the records that are known. */
  readonly partitions: readonly Partition[];
}

/** Opens the replay of a stream; undefined if it has no commit. @throws StateError if its lake is of an earlier version */
export async function openReplay(options: StreamRules, ports: ReplayPorts): Promise<StreamReplay | undefined> {
  const { id, source, stream, rules, partitions } = options;
  const last = await readLastCommit(ports.store, id);
  if (!last) return undefined;
  const state = readState(last, id);
  if (state.named === undefined)
    throw new StateError('the lake was written by an earlier version; run callhouse run once, then this again', id);
  const before = await readKnown(id, last, ports);
  const digest = newDigest();
  const texts = { ...shownTexts({ ...rules, at: Date.parse(last.at), before: state }), noteHidden() {} };
  const stableKeys: StableKeys = {
    get: (by) => digest.firstKeys.get(by)?.key,
    set: (by, key) => digest.setFirstKey(by, { key, firstSeenAt: 0 }),
  };
  const { optOutWhenAbsent } = rules;
  const emptied = new Set([...state.redact, ...(await emptiedIn(options, before, ports))]);
  const contexts = new Map(partitions.map((partition) => [partition.id, partition.context]));
  const replay: StreamReplay = {
    ...{ id, stream, rules, ports, last, state, before, digest },
    unsure: new Set(),
    changedAt: new Map(),
    readAt: new Map(),
    keyOf: compileKey(stream.tables[0], stableKeys, texts),
    flatten: compileFlatten(stream.tables, { rejects: newRejects(), stableKeys, texts, optOutWhenAbsent }),
    refillOf: refillsOf(stream, rules),
    dropSensitive: stream.tables[0].optOut ? compileDropSensitive(stream.tables, texts) : () => {},
    isEmptied: (key) => emptied.has(key),
    isErasedKey: (text) => rules.erased?.has({ stream: id.stream, by: 'key', text }) === true,
    erasedKeyOf: rules.erased && compileErasedKey(source, id.stream, { erased: rules.erased, texts }),
    contextOf: (partition) => contexts.get(partition) ?? {},
    removals: await removalsOf(id, ports),
    seenIn: new Map(),
    seeAgain: remembering((raw) => seeRecords(replay, raw)),
    tally: {
      rows: new Map(stream.tables.map((table) => [table, new Map()])),
      ...{ files: 0, lostHashes: 0, lostRemovals: 0, unread: [] },
    },
  };
  return replay;
}

function refillsOf({ tables }: Stream, { hashKey }: ReplayRules): StreamReplay['refillOf'] {
  const refills = new Map(tables.map((table) => [table, compileRefill(table, hashKey)]));
  return (table) => refills.get(table) ?? compileRefill(table, hashKey);
}

/** Keeps the last answer: rows that are staged again were often read together. */
function remembering(see: StreamReplay['seeAgain']): StreamReplay['seeAgain'] {
  let last: { readonly raw: readonly string[]; readonly seen: Promise<SeenRecords> } | undefined;
  return (raw) => {
    if (last?.raw !== raw) last = { raw, seen: see(raw) };
    return last.seen;
  };
}

/** What the stream knew; undefined if its digest is missing or damaged. */
async function readKnown(id: StreamId, last: Commit, ports: ReplayPorts): Promise<KnownBefore | undefined> {
  try {
    const digest = await openDigest(ports, last.digests, { id });
    return { entries: await allOf(digest.entries), cursors: await allOf(digest.cursors) };
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    ports.log('warn', 'the digest is lost; it is made again from the commits and the raw copies', { ...id });
    return undefined;
  }
}

/** Keys of the records that are opted out or blanked by now. If the digest is lost, their last staged rows say so. */
async function emptiedIn(
  { id, stream, rules }: StreamRules,
  before: KnownBefore | undefined,
  ports: ReplayPorts,
): Promise<readonly string[]> {
  if (before) return [...before.entries].flatMap(([key, { optedOut, blanked }]) => (optedOut || blanked ? [key] : []));
  const [table] = stream.tables;
  const isOut = new Map<string, boolean>();
  for await (const { staged } of readCommitsAfter(ports.store, id, 0)) {
    for (const file of staged.filter((one) => one.table === table.name))
      for (const row of (await readStagedRows(file, table, ports))?.rows ?? [])
        if (isUpsert(table, row)) isOut.set(keyOfRow(table, row), isOptedOutRow(table, row, rules));
        else if (emptyingOf(table, row)) isOut.set(keyOfRow(table, row), true);
  }
  return [...isOut].flatMap(([key, isLast]) => (isLast ? [key] : []));
}

async function allOf<V>(rows: Rows<V>): Promise<ReadonlyMap<string, V>> {
  const all = new Map<string, V>();
  for await (const batch of rows.batches()) for (const [name, value] of batch) all.set(name, value);
  return all;
}

async function removalsOf(id: StreamId, { store }: ReplayPorts): Promise<ReadonlyMap<string, number>> {
  const removals = new Map<string, number>();
  for await (const { at, n, counts } of readCommitsAfter(store, id, 0)) if (counts.deleted > 0) removals.set(at, n);
  return removals;
}
