import * as z from 'zod';
import { AlreadyRunningError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { parseStored } from './commit-log.ts';

const leaseSchema = z.object({ host: z.string(), pid: z.number(), born: z.string(), until: z.number() });

/** A held lease. It saves work and is no lock: what keeps two runs apart is the compare-and-swap of the commit. */
export interface Lease {
  release(): Promise<void>;
}

/** Without a time limit a run on another host counts as gone after a day. */
const LONGEST_MS = 24 * 3_600_000;
const GRACE_MS = 60_000;

/**
 * Takes the lease of one account: the next number, unless the last one is held by a run that may be alive.
 * @throws AlreadyRunningError when it is
 */
export async function takeLease(
  source: string,
  account: string,
  ports: Pick<Ports, 'store' | 'now' | 'process' | 'remainingMs'>,
): Promise<Lease> {
  const { store, now, process } = ports;
  const prefix = `leases/${source}/${account}/`;
  const held: string[] = [];
  for await (const key of store.list(prefix)) held.push(key);
  const last = held.at(-1);
  const busy = () => new AlreadyRunningError('another run is at work', { source, account });
  if (last !== undefined && !last.endsWith('.released') && !(await isStale(last, ports))) throw busy();
  const number = last === undefined ? 1 : Number(last.slice(prefix.length).split('.', 1)[0]) + 1;
  const name = `${prefix}${String(number).padStart(12, '0')}`;
  const until = now() + Math.min(LONGEST_MS, ports.remainingMs() + GRACE_MS);
  const lease = { host: process.host, pid: process.pid, born: process.born, until };
  if (!(await store.put(`${name}.json`, Buffer.from(JSON.stringify(lease))))) throw busy();
  for (const key of held) await store.delete(key);
  return {
    async release() {
      await store.put(`${name}.released`, Buffer.from('{}'));
    },
  };
}

async function isStale(
  key: string,
  { store, now, process }: Pick<Ports, 'store' | 'now' | 'process'>,
): Promise<boolean> {
  const body = await store.get(key);
  const parsed = leaseSchema.safeParse(body ? parseStored(body) : undefined);
  if (!parsed.success) return true; // released in this moment, or never whole
  return process.isGone(parsed.data) || parsed.data.until < now();
}
