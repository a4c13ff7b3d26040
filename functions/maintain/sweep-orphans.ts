import * as z from 'zod';
import { readCommit } from '../lake/commit-log.ts';
import { commitPrefix, ORPHANS_KEY, rawPrefix, stagedPrefix } from '../lake/keys.ts';
import { parseStored, storedJson } from '../lake/stored-object.ts';
import type { StreamToLoad } from '../load/plan.ts';
import type { Store } from '../ports.ts';
import { DAY_MS, dayOf, dayText } from '../time.ts';
import { accountsIn, type MaintainPlan, type MaintainPorts } from './plan.ts';

/** Folders of days that are looked through; what is older was looked at before. */
const DAYS = 8;
/** An object is removed when it was unnamed this long ago already: no run lasts as long. */
const WAIT_MS = DAY_MS;
/** Commits read at once. */
const AT_ONCE = 16;
/** `ORPHANS_KEY` holds the objects that no commit named when they were last looked at: key to the time of that look, ms. */
const waitingSchema = z.record(z.string(), z.number());

/**
 * Removes raw and staged objects that a killed run left and no commit names. An object's name tells the time its run was due, not
 * when it was written; so one goes only if an earlier look, a day before, found it unnamed too, and the whole log still has no word of it.
 */
export async function sweepOrphans(plan: MaintainPlan, at: Date, { store, log }: MaintainPorts): Promise<number> {
  const body = await store.get(ORPHANS_KEY);
  const waiting = waitingSchema.safeParse(body && parseStored(body)).data ?? {};
  const next: Record<string, number> = {};
  let removed = 0;
  for (const { source, account, streams } of accountsIn(plan)) {
    for (const stream of streams) {
      for (const key of await unnamedObjects(store, stream, account, at)) {
        const since = waiting[key] ?? at.getTime();
        if (at.getTime() - since < WAIT_MS) next[key] = since;
        else {
          await store.delete(key);
          removed += 1;
        }
      }
    }
    log('info', 'looked for objects of killed runs', { source, account, objects: removed });
  }
  await store.put(ORPHANS_KEY, storedJson(next), { replace: true });
  return removed;
}

/** Objects of the last days that no commit of the stream names. Listed first: a commit made meanwhile names what was listed. */
async function unnamedObjects(store: Store, { source, stream, tables }: StreamToLoad, account: string, at: Date) {
  const id = { source, account, stream };
  const found = new Set<string>();
  for (let back = -1; back < DAYS; back += 1) {
    const day = dayText(dayOf(at.getTime()) - back);
    const folders = [
      rawPrefix(id, day),
      ...tables.map(({ name }) => `${stagedPrefix(name, account, day)}${source}-${stream}-`),
    ];
    for (const folder of folders) for await (const key of store.list(folder)) found.add(key);
  }
  const keys: string[] = [];
  if (found.size > 0) for await (const key of store.list(commitPrefix(id))) keys.push(key);
  // From the newest on: what is of these days is named there, and the rest of the log is read only for what is not.
  while (found.size > 0 && keys.length > 0) {
    const commits = await Promise.all(keys.splice(-AT_ONCE).map((key) => readCommit(store, key, id)));
    for (const { raw, staged } of commits) {
      for (const name of [...raw, ...staged.map((file) => file.key)]) found.delete(name);
    }
  }
  return found;
}
