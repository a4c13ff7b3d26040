import { type Store, storeFailure } from './product.ts';
import type { RunStep } from './scenario.ts';
import type { Scheduler } from './scheduler.ts';

/** The lake: what every process writes to. */
export interface Lake {
  readonly objects: Map<string, Uint8Array>;
}

/** The faults that a process meets at the store. */
export interface StoreOptions {
  readonly lake: Lake;
  readonly scheduler: Scheduler;
  readonly process: number;
  readonly step: RunStep;
  readonly random: () => number;
  /** Called when the process dies: none of its requests is answered after that. */
  readonly die: () => void;
  /** Called when the process is suspended: what it waits for happens when it goes on. */
  readonly suspend: () => void;
  /** Called with each object that is new, at the moment it is there. */
  readonly onPut: (key: string, body: Uint8Array) => void;
}

interface Call {
  readonly effect: boolean;
  readonly key: string;
}

/** The store of one process: each call is an event, and may fail, lose its answer, or be the last. */
export function simStore(options: StoreOptions): Store {
  const { lake, scheduler, process, step, random, die, suspend, onPut } = options;
  const lane = { process, kind: 'store' } as const;
  const counts = { calls: 0, effects: 0, killed: new Map<string, number>(), met: 0 };

  function troubles({ effect, key }: Call) {
    counts.calls += 1;
    if (effect) counts.effects += 1;
    const named = (path: string | undefined) => path !== undefined && key.startsWith(path);
    const trouble = (step.store ?? []).find(({ n, path }) =>
      path === undefined ? n === counts.calls : effect && named(path) && seenOften(path) === (n ?? 1),
    );
    const { kill } = step;
    const dies =
      kill !== undefined && effect && (kill.path === undefined ? kill.n === counts.effects : named(kill.path));
    return { what: trouble?.what, dies: dies ? kill.when : undefined, stops: effect ? stopsAt(key) : undefined };
  }

  /** When the process is suspended at this effect, if it is. */
  function stopsAt(key: string): 'before' | 'after' | undefined {
    if (!step.suspend || step.suspend.request !== undefined) return undefined;
    const { n = 1, path = '', when } = step.suspend;
    if (!key.startsWith(path)) return undefined;
    counts.met += 1;
    return counts.met === n ? when : undefined;
  }

  function seenOften(path: string): number {
    const often = (counts.killed.get(path) ?? 0) + 1;
    counts.killed.set(path, often);
    return often;
  }

  /** `lost` is the error that the caller gets if the work was done and the answer was lost. */
  async function call<T>(what: Call, work: () => T, lost?: T): Promise<T> {
    const trouble = troubles(what);
    await scheduler.wait(lane, 1 + Math.floor(random() * 20));
    if (trouble.stops === 'before') await stop();
    if (trouble.dies === 'before') return dead();
    if (trouble.what === 'fail') throw storeFailure();
    const result = work();
    if (trouble.dies === 'after') return dead();
    if (trouble.stops === 'after') await stop();
    return trouble.what === 'lost' && lost !== undefined ? lost : result;
  }

  function stop(): Promise<void> {
    suspend();
    return scheduler.wait(lane, 0);
  }

  function dead(): Promise<never> {
    die();
    return new Promise(() => {});
  }

  return {
    name: 'the lake',
    get: (key, range) => {
      const read = () => lake.objects.get(key);
      return call({ effect: false, key }, () => (range ? read()?.slice(range.from, range.to) : read()));
    },
    put(key, body, { replace = false } = {}) {
      const write = () => {
        const held = lake.objects.get(key);
        if (typeof replace === 'boolean' ? held && !replace : !held || Buffer.compare(held, replace) !== 0)
          return false;
        lake.objects.set(key, body);
        onPut(key, body);
        return true;
      };
      return call({ effect: true, key }, write, replace === true ? undefined : false);
    },
    async *list(prefix, { after = '' } = {}) {
      const found = await call({ effect: false, key: prefix }, () => keysOf(lake, prefix, after));
      yield* found;
    },
    async delete(key) {
      await call({ effect: true, key }, () => lake.objects.delete(key));
    },
  };
}

function keysOf({ objects }: Lake, prefix: string, after: string): string[] {
  const found: string[] = [];
  for (const key of objects.keys()) if (key > after && key.startsWith(prefix)) found.push(key);
  return found.sort();
}
