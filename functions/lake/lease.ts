import * as z from 'zod';
import { AlreadyRunningError, StuckRunError } from '../errors.ts';
import type { Ports, Store } from '../ports.ts';
import { HOUR_MS, MINUTE_MS } from '../time.ts';
import { leasePrefix, parseStored, randomHex, sequence, storedJson } from './objects.ts';

const leaseSchema = z.object({ host: z.string(), pid: z.number(), born: z.string(), at: z.number() });
const renewalSchema = leaseSchema.pick({ at: true });

/** A held lease. It saves duplicate work. It is not a lock: the compare-and-swap of commits keeps two runs apart. */
export interface Lease {
  /** An earlier holder was killed, failed, or was still writing, and no run has looked for what it left behind since. */
  readonly mayHaveLeft: boolean;
  /**
   * Looks whether another process has taken the lease over, because this one was suspended. What the holder read before, such as the hash
   * key and the erased records, then counts no more. Three looks are needed:
   * - after a run has opened a log. An erasure, a rotation or a replay that takes over later fences the log (`fence-logs.ts`), so that the
   *   run's next commit is refused; one that took over earlier has fenced it already, and only the lease tells.
   * - before the first commit of a log, because a log without commits cannot be fenced.
   * - before a write or a deletion if the last look is long ago ({@link heldStore}), because nothing refuses other objects than commits.
   * @throws AlreadyRunningError if another process has
   */
  check(): Promise<void>;
  /** @param isClean true if nothing is left behind @default true if nothing was when the lease was taken */
  release(isClean?: boolean): Promise<void>;
}

/** The ports of a lease. */
export type LeasePorts = Pick<Ports, 'store' | 'now' | 'random' | 'process' | 'timer'>;

const OBJECT = /\/\d{12}\.(json|renewed|released|unswept)$/;

/** A run renews its lease this often, from its event loop, so that a run that hangs stops doing so. */
const RENEW_MS = MINUTE_MS;
/** A live process of this host that has not renewed its lease for this long hangs, or is suspended. */
const STUCK_MS = 5 * MINUTE_MS;
/** A run of another host that has not renewed its lease for this long counts as gone; the clocks of two hosts may differ. */
const ELSEWHERE_MS = 15 * MINUTE_MS;
/** A run that has not looked at its lease for this long does so before it writes. */
const LOOK_MS = MINUTE_MS;
/** A process of this host whose lease is older than this is another process, which got the same number. */
const SAME_HOST_MS = 24 * HOUR_MS;

/**
 * Takes the lease of one account: creates the next number, unless a run that may be alive holds the last one. The lease renews itself
 * until it is released.
 * @throws AlreadyRunningError if a live run holds it
 * @throws StuckRunError if a process of this host holds it that is alive and no longer renews it
 */
export async function takeLease(source: string, account: string, ports: LeasePorts): Promise<Lease> {
  const { store, now, process } = ports;
  const prefix = leasePrefix(source, account);
  const held: string[] = [];
  // Another file there, such as a copy that a synchronisation left, is no lease.
  for await (const key of store.list(prefix)) if (OBJECT.test(key)) held.push(key);
  const last = held.at(-1)?.slice(prefix.length).split('.', 1)[0];
  const busy = () => new AlreadyRunningError('another run is in progress', { source, account });
  const isTakenOver = last !== undefined && !held.includes(`${prefix}${last}.released`);
  if (isTakenOver) {
    const holder = await readHolder(`${prefix}${last}`, held, store);
    if (holder && isHeld(holder, ports)) {
      throw isStuck(holder, ports) ? stuck(holder, { source, account }) : busy();
    }
  }
  const name = `${prefix}${sequence(Number(last ?? 0) + 1)}`;
  const { host, pid, born } = process;
  const body = storedJson({ host, pid, born, at: now(), attempt: randomHex(12, ports.random) });
  if (!(await store.put(`${name}.json`, body)) && !(await isOurs(`${name}.json`, body, store))) throw busy();
  for (const key of held) await store.delete(key);
  const renewal = keepRenewed(`${name}.renewed`, ports);
  // An object of a lease before the last one was written by a holder that was still alive after its lease had been taken over.
  const isStray = held.some((key) => !key.startsWith(`${prefix}${last}.`));
  const mayHaveLeft = isTakenOver || isStray || held.includes(`${prefix}${last}.unswept`);
  return {
    mayHaveLeft,
    async check() {
      // Whoever takes a lease over has a greater number. The keys of a lease end with `.unswept` at the most.
      for await (const key of store.list(prefix, { after: `${name}.unswept` }))
        if (OBJECT.test(key))
          throw new AlreadyRunningError('another run took over while this one was suspended; this one stopped', {
            source,
            account,
          });
    },
    async release(isClean = !mayHaveLeft) {
      await renewal.stop();
      // The holder before may still have been alive, so the next one looks again.
      if (!isClean || isTakenOver) await store.put(`${name}.unswept`, storedJson({}));
      await store.put(`${name}.released`, storedJson({}));
    },
  };
}

/** Copies of records, and what is derived from them. Nothing counts that no commit names. */
const UNNAMED = /^(raw|staging|digests)\//;

/**
 * The store of processes that hold leases. One that was suspended finds out before its next write or deletion that another process has
 * taken over, and stops. What it was just creating when it was suspended is deleted again, because the other one may have erased it.
 * @param check see {@link Lease}
 * @param lookMs time after which the holder looks at its lease before it writes
 */
export function heldStore(store: Store, check: Lease['check'], now: Ports['now'], lookMs = LOOK_MS): Store {
  let lookedAt = now();
  const look = async () => {
    if (Math.abs(now() - lookedAt) < lookMs) return;
    await check();
    lookedAt = now();
  };
  return {
    ...store,
    async put(key, body, options) {
      await look();
      const isWritten = await store.put(key, body, options);
      // Whoever holds the lease changes what is there. So another process has taken it over, or has not found out yet that we have.
      if (!isWritten && options?.replace) await check();
      if (!isWritten || options?.replace || !UNNAMED.test(key)) return isWritten;
      await look().catch(async (error: unknown) => {
        await store.delete(key);
        throw error;
      });
      return true;
    },
    async delete(key) {
      await look();
      await store.delete(key);
    },
  };
}

/** Replaces the renewal of a lease every minute. A run of less than a minute writes none. */
function keepRenewed(key: string, { store, now, timer }: LeasePorts) {
  let cancel = () => {};
  let writing = Promise.resolve();
  let isStopped = false;
  const renew = async () => {
    // If the store fails, the renewal of the next minute counts.
    await store.put(key, storedJson({ at: now() }), { replace: true }).catch(() => {});
    if (!isStopped) plan();
  };
  const plan = () => {
    cancel = timer(RENEW_MS, () => {
      writing = renew();
    });
  };
  plan();
  return {
    async stop() {
      isStopped = true;
      cancel();
      await writing;
    },
  };
}

/** The answer to our own write may have been lost: then the stored lease holds our bytes. */
async function isOurs(key: string, body: Uint8Array, store: Ports['store']): Promise<boolean> {
  const stored = await store.get(key);
  return stored !== undefined && Buffer.compare(stored, body) === 0;
}

/** Who holds a lease, and when it was renewed or taken, ms. */
type LeaseHolder = z.infer<typeof leaseSchema>;

/** @returns undefined if the lease was released at this moment, was never completely written, or is one of an earlier version */
async function readHolder(
  name: string,
  held: readonly string[],
  store: Ports['store'],
): Promise<LeaseHolder | undefined> {
  const holder = leaseSchema.safeParse(await readObject(`${name}.json`, store));
  if (!holder.success) return undefined;
  const renewed = held.includes(`${name}.renewed`) ? await readObject(`${name}.renewed`, store) : undefined;
  const renewal = renewalSchema.safeParse(renewed);
  return renewal.success ? { ...holder.data, ...renewal.data } : holder.data;
}

async function readObject(key: string, store: Ports['store']): Promise<unknown> {
  const body = await store.get(key);
  return body && parseStored(body);
}

function isHeld(holder: LeaseHolder, { now, process }: LeasePorts): boolean {
  const limit = holder.host === process.host ? SAME_HOST_MS : ELSEWHERE_MS;
  return !process.isGone(holder) && idleMs(holder, now) <= limit;
}

function isStuck(holder: LeaseHolder, { now, process }: LeasePorts): boolean {
  return holder.host === process.host && idleMs(holder, now) > STUCK_MS;
}

/** Time since the last renewal, ms. A renewal in the future was written before the clock was corrected. */
function idleMs({ at }: LeaseHolder, now: Ports['now']): number {
  return Math.abs(now() - at);
}

function stuck({ host, pid, at }: LeaseHolder, context: { source: string; account: string }): StuckRunError {
  return new StuckRunError(
    `another run has hung since ${new Date(at).toISOString()}: process ${pid} on ${host} is alive, but no longer renews its lease, ` +
      'which a run does every minute. End or resume that process; the next run then continues',
    context,
  );
}
