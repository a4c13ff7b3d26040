import * as z from 'zod';
import type { Store } from '../ports.ts';
import { DAY_MS } from '../time.ts';
import { confirmationPrefix, createObject, parseStored, type StreamId, storedJson } from './objects.ts';
import type { HeldRemovals } from './stream-state.ts';

const confirmationSchema = z.object({ confirmedAt: z.number().int() });

/** A confirmation older than this does not count. */
export const CONFIRMATION_MS = 7 * DAY_MS;

/** Confirms that the records whose removal this scan held are gone, exactly so many. @param now the clock, ms */
export async function confirmRemovals(store: Store, id: StreamId, held: HeldRemovals, now: number): Promise<void> {
  await createObject(store, `${prefixOf(id, held)}${now}.json`, storedJson({ confirmedAt: now }));
}

/** Keys of the confirmations of these removals that still count. @param now the clock, ms */
export async function readConfirmations(
  store: Store,
  id: StreamId,
  held: HeldRemovals,
  now: number,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefixOf(id, held))) if (await counts(store, key, now)) keys.push(key);
  return keys;
}

/** True if any removals of the stream were confirmed lately. @param now the clock, ms */
export async function hasOtherConfirmation(store: Store, id: StreamId, now: number): Promise<boolean> {
  for await (const key of store.list(confirmationPrefix(id))) if (await counts(store, key, now)) return true;
  return false;
}

async function counts(store: Store, key: string, now: number): Promise<boolean> {
  const body = await store.get(key);
  const { data } = confirmationSchema.safeParse(body && parseStored(body));
  return data !== undefined && now - data.confirmedAt <= CONFIRMATION_MS;
}

/** Arguments of the command that confirms the held removals of a stream: `confirm-removals solum.calls --account north`. */
export function confirmArguments({ source, account, stream }: StreamId): string {
  return `confirm-removals ${source}.${stream}${account === 'default' ? '' : ` --account ${account}`}`;
}

const prefixOf = (id: StreamId, { scan, count }: HeldRemovals) => `${confirmationPrefix(id)}${scan}-${count}-`;
