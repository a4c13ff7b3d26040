import { OutOfTimeError } from '../../functions/errors.ts';
import type { Ports, Store } from '../../functions/ports.ts';
import { MINUTE_MS } from '../../functions/time.ts';

/** How long one call may take. */
export interface CallLimit {
  /** Time that is left, ms. A call may take a minute in any case, so that what was read can still be committed. */
  readonly remainingMs: () => number;
  /** Why the time is over, for messages. */
  readonly why: () => string;
}

/**
 * Ports whose store, secrets and warehouse cannot hold up a run: a call that is not answered in time ends with an error. A write may still
 * arrive later; like one whose answer was lost, it is found by the next run.
 */
export function boundedPorts(ports: Ports, limit: CallLimit): Ports {
  const { store, secrets, readBackFromWarehouse, timer } = ports;
  const within: Within = (what, work) => waitFor(work, { what, timer, limit });
  return {
    ...ports,
    store: boundedStore(store, within),
    secrets: {
      read: (...args) => within(`the store of the credentials of ${args[0]}`, () => secrets.read(...args)),
      describe: (...args) => secrets.describe(...args),
    },
    readBackFromWarehouse:
      readBackFromWarehouse && ((...args) => within('the warehouse', () => readBackFromWarehouse(...args))),
  };
}

/** Waits for work, but not longer than the limit. @param what does it, for messages */
type Within = <T>(what: string, work: () => Promise<T>) => Promise<T>;

function boundedStore(store: Store, within: Within): Store {
  const { forgetVersions } = store;
  const bounded = <T>(work: () => Promise<T>) => within(store.name, work);
  return {
    ...store,
    get: (...args) => bounded(() => store.get(...args)),
    put: (...args) => bounded(() => store.put(...args)),
    delete: (...args) => bounded(() => store.delete(...args)),
    ...(forgetVersions && { forgetVersions: (...args) => bounded(() => forgetVersions(...args)) }),
    async *list(prefix, options) {
      const keys = store.list(prefix, options)[Symbol.asyncIterator]();
      for (;;) {
        const next = await bounded(() => keys.next());
        if (next.done) return;
        yield next.value;
      }
    },
  };
}

interface Waiting {
  readonly what: string;
  readonly timer: Ports['timer'];
  readonly limit: CallLimit;
}

async function waitFor<T>(work: () => Promise<T>, { what, timer, limit }: Waiting): Promise<T> {
  const ms = Math.max(MINUTE_MS, limit.remainingMs());
  if (ms === Number.POSITIVE_INFINITY) return work();
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = timer(ms, () => reject(unanswered(what, ms, limit.why())));
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    cancel();
  }
}

function unanswered(what: string, ms: number, why: string): OutOfTimeError {
  return new OutOfTimeError(
    `${what} has not answered for ${Math.round(ms / MINUTE_MS)} min, and ${why}; expected an answer within seconds. Check its disk, mount or ` +
      'network; the next run continues',
  );
}
