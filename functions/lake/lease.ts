import * as z from 'zod';
import { AlreadyRunningError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import { leasePrefix, parseStored, randomHex, sequence, storedJson } from './objects.ts';

const leaseSchema = z.object({ host: z.string(), pid: z.number(), born: z.string(), until: z.number() });

/** A held lease. It saves duplicate work and is not a lock: the compare-and-swap of the commit keeps two runs apart. */
export interface Lease {
  release(): Promise<void>;
}

/** Without a time limit, a run on another host counts as gone after this time. */
const LONGEST_MS = 24 * HOUR_MS;
const GRACE_MS = MINUTE_MS;

/**
 * Takes the lease of one account: creates the next number, unless a run that may be alive holds the last one.
 * @throws AlreadyRunningError if a live run holds it
 */
export async function takeLease(
  source: string,
  account: string,
  ports: Pick<Ports, 'store' | 'now' | 'random' | 'process' | 'remainingMs'>,
): Promise<Lease> {
  const { store, now, process } = ports;
  const prefix = leasePrefix(source, account);
  const held: string[] = [];
  for await (const key of store.list(prefix)) held.push(key);
  const last = held.at(-1);
  const busy = () => new AlreadyRunningError('another run is in progress', { source, account });
  if (last !== undefined && !last.endsWith('.released') && !(await isStale(last, ports))) throw busy();
  const number = last === undefined ? 1 : Number(last.slice(prefix.length).split('.', 1)[0]) + 1;
  const name = `${prefix}${sequence(number)}`;
  const until = now() + Math.min(LONGEST_MS, ports.remainingMs() + GRACE_MS);
  const { host, pid, born } = process;
  const body = storedJson({ host, pid, born, until, attempt: randomHex(12, ports.random) });
  if (!(await store.put(`${name}.json`, body)) && !(await isOurs(`${name}.json`, body, store))) throw busy();
  for (const key of held) await store.delete(key);
  return {
    async release() {
      await store.put(`${name}.released`, storedJson({}));
    },
  };
}

/** The answer to our own write may have been lost: then the stored lease holds our bytes. */
async function isOurs(key: string, body: Uint8Array, store: Ports['store']): Promise<boolean> {
  const stored = await store.get(key);
  return stored !== undefined && Buffer.compare(stored, body) === 0;
}

async function isStale(
  key: string,
  { store, now, process }: Pick<Ports, 'store' | 'now' | 'process'>,
): Promise<boolean> {
  const body = await store.get(key);
  const parsed = leaseSchema.safeParse(body && parseStored(body));
  if (!parsed.success) return true; // released at this moment, or never completely written
  return process.isGone(parsed.data) || parsed.data.until < now();
}
