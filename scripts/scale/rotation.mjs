// A tick of the audit logs: the calls that are new or have changed are followed, and the logs that are due are planned and noted as read.
import { dist } from '../measure.mjs';
import { CALLS, LOGS } from './made.mjs';

/** Lists that are due by their age: as many as in a quarter of an hour with 200,000 calls. */
export const DUE = 125;

const modules = () =>
  Promise.all(
    [
      'functions/extract/session/open-session.js',
      'functions/extract/follow/follow-stream.js',
      'functions/extract/plan/plan.js',
      'functions/extract/reads/due-reads.js',
      'functions/extract/commit/commit-stream.js',
      'functions/extract/tuning.js',
      'functions/source/registry.js',
    ].map(dist),
  ).then((all) => Object.assign({}, ...all));

/** A session of one stream, without a client. @param siblings what is known of other streams */
async function sessionOf(ports, { stream }, at, known) {
  const { openSession, TUNING, findSource } = await modules();
  const source = await findSource('kismet');
  const siblings = {
    options: { KISMET_USER_IDS: '101' },
    recordsOf: () => new Map(),
    loadRecords: async () => {},
    earliestDayOf: () => undefined,
    knownStream: () => known,
  };
  const run = {
    ...{ source, account: 'default', baseUrl: '', at, runId: 'bench', hashKey: 'k'.repeat(32), tuning: TUNING },
    ports: { ...ports, now: () => at, random: Math.random, log() {}, remainingMs: () => Number.POSITIVE_INFINITY },
    client: { requests: () => 0, hasTime: () => true },
    settings: { sweepEvery: '3d' },
    ...{ removal: 'delete', siblings, clock: () => at, whyUnlisted: () => undefined, checkLease: async () => {} },
  };
  return openSession(run, stream, source.streams[stream]);
}

/** Commits what a tick of the calls has changed. @param names of the new and changed ones, an entry for each */
export async function commitCalls(ports, at, entries) {
  const { commitStream, knownAfter } = await modules();
  const session = await sessionOf(ports, CALLS, at);
  await session.digest.entries.load(entries.keys());
  for (const [name, entry] of entries) session.digest.set(name, entry);
  await commitStream(session, 'ok');
  session.digest.release(true);
  return knownAfter(session);
}

/** The time of a tick in which so many lists are due by their age. */
export async function timeOf({ store }) {
  const { decodeSegment } = await dist('functions/lake/agenda/segment.js');
  const { segmentKey } = await dist('functions/lake/objects.js');
  const rows = decodeSegment(await store.get(segmentKey(LOGS, 1, 'history', 1)));
  return rows[DUE - 1][0];
}

/** @returns how many lists were due */
export async function rotate(ports, at, known) {
  const { followParentStream, roundsOf, planReads, listPartitions, commitStream } = await modules();
  const session = await followParentStream(await sessionOf(ports, LOGS, at, known));
  let due = 0;
  for await (const own of roundsOf(session)) {
    const { partitions } = await listPartitions(session.stream, own.siblings);
    await own.digest.cursors.load(partitions.map(({ id }) => id));
    for (const { partitions: planned } of planReads({ ...own, state: session.progress.state() }, partitions)) {
      const parents = own.siblings.recordsOf(CALLS.stream);
      for (const { id } of planned) {
        const parent = parents.get(id);
        own.digest.setCursor(id, { readAt: at, newestDay: parent.partOn, parentHash: parent.contentHash });
        own.follower.noteRead(id, parent);
        due += 1;
      }
    }
  }
  await commitStream(session, 'ok');
  return due;
}
