import * as z from 'zod';
import { AlreadyRunningError, StateError } from '../errors.ts';
import { readCommit } from '../lake/commit-log.ts';
import { fenceLog } from '../lake/fence-logs.ts';
import {
  commitNumber,
  commitPrefix,
  copyNumber,
  ORPHANS_KEY,
  parseStored,
  ROTATION,
  rawPrefix,
  type StreamId,
  stagedPrefix,
  storedJson,
} from '../lake/objects.ts';
import type { LoadPlan, StreamToLoad } from '../load/plan.ts';
import type { Store } from '../ports.ts';
import { DAY_MS, dayOf, dayText } from '../time.ts';
import { type MaintainPorts, streamsByAccount } from './plan.ts';

/** Number of days whose folders are searched. Older folders were searched before. */
const DAYS = 8;
/** An object is deleted if no commit named it this long ago either. No run lasts as long. */
const WAIT_MS = DAY_MS;
/** Number of commits read at the same time. */
const AT_ONCE = 16;
/** Content of `ORPHANS_KEY`: objects that no commit names, by key, with the time at which that was first found, ms. */
const waitingSchema = z.record(z.string(), z.number());

/** The ports that are needed. */
type SweepPorts = Pick<MaintainPorts, 'store' | 'log' | 'now' | 'random'>;

/**
 * Deletes raw and staged objects that a killed run left behind, so that no commit names them. An object's key contains the scheduled
 * time of its run, not the time of writing; so an object is deleted only if maintenance found it unnamed a day before, and it still is.
 * A run that was suspended for a day cannot name it any more either.
 * @returns the number of objects deleted
 */
export async function sweepOrphans(plan: LoadPlan, at: Date, ports: SweepPorts): Promise<number> {
  const { store, log } = ports;
  const body = await store.get(ORPHANS_KEY);
  const waiting = waitingSchema.safeParse(body && parseStored(body)).data ?? {};
  const next: Record<string, number> = {};
  let removed = 0;
  for (const { source, account, streams } of streamsByAccount(plan)) {
    for (const stream of streams) {
      const { unnamed, last } = await unnamedObjects(store, stream, account, at);
      const sinceOf = (key: string) => waiting[key] ?? at.getTime();
      const due = unnamed.filter((key) => at.getTime() - sinceOf(key) >= WAIT_MS);
      const id = { source, account, stream: stream.stream };
      const isFenced = !due.some((key) => (copyNumber(key) ?? 0) > last) || (await isFencedNow(id, ports));
      const gone = new Set(isFenced ? due : []);
      for (const key of gone) await store.delete(key);
      removed += gone.size;
      for (const key of unnamed) if (!gone.has(key)) next[key] = sinceOf(key);
    }
    log('info', 'searched for objects that killed runs left behind', { source, account, objects: removed });
  }
  await store.put(ORPHANS_KEY, storedJson(next), { replace: true });
  return removed;
}

/**
 * @returns false if a run commits at this moment, or if the last commits are gone: these may name what no commit that is there names, and
 * may be restored
 */
async function isFencedNow(id: StreamId, ports: SweepPorts): Promise<boolean> {
  try {
    await fenceLog(id, ports);
    return true;
  } catch (error) {
    if (error instanceof AlreadyRunningError || error instanceof StateError) return false;
    throw error;
  }
}

/**
 * Objects of the last days that no commit of the stream names. Objects are listed before commits, so that a commit written
 * meanwhile is seen.
 * @returns also the number of the last commit; 0 if there is none
 */
async function unnamedObjects(store: Store, { source, stream, tables }: StreamToLoad, account: string, at: Date) {
  const id = { source, account, stream };
  const found = new Set<string>();
  for (let back = -1; back < DAYS; back += 1) {
    const day = dayText(dayOf(at.getTime()) - back);
    const folders = [
      rawPrefix(id, day),
      ...tables.flatMap(({ name }) =>
        [stream, ROTATION].map((by) => `${stagedPrefix(name, account, day)}${source}-${by}-`),
      ),
    ];
    for (const folder of folders) for await (const key of store.list(folder)) found.add(key);
  }
  const keys: string[] = [];
  if (found.size > 0)
    for await (const key of store.list(commitPrefix(id))) if (commitNumber(key) !== undefined) keys.push(key);
  const isInHole = holesIn(keys);
  const last = commitNumber(keys.at(-1) ?? '') ?? 0;
  // The newest commits first: they name most objects of these days. Older ones are read only while unnamed objects are left.
  while (found.size > 0 && keys.length > 0) {
    const commits = await Promise.all(keys.splice(-AT_ONCE).map((key) => readCommit(store, key, id)));
    for (const { raw, staged } of commits) {
      for (const name of [...raw, ...staged.map((file) => file.key)]) found.delete(name);
    }
  }
  return { unnamed: [...found].filter((key) => !isInHole(copyNumber(key))), last };
}

/** Tells whether a number is that of a commit that is missing between others: it may have named objects, and may be restored. */
function holesIn(keys: readonly string[]): (n: number | undefined) => boolean {
  const numbers = keys.flatMap((key) => commitNumber(key) ?? []);
  const [first = 0, last = 0, known] = [numbers[0], numbers.at(-1), new Set(numbers)];
  return (n) => n !== undefined && n > first && n < last && !known.has(n);
}
