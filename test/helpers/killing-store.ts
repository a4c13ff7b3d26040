import type { Store } from '../../functions/ports.ts';

/** Thrown when the process is killed; no code may handle it as an ordinary failure. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The point at which the process dies: before or after its n-th write or deletion, counted from 1. */
export interface Kill {
  readonly effect: number;
  readonly when: 'before' | 'after';
}

/** A store whose process dies at one write or deletion; nothing that it does afterwards reaches the store. `effect` counts others too. */
export function killingStore(store: Store, kill?: Kill) {
  const effects: string[] = [];
  let dead = false;
  async function effect<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (dead) throw new Killed();
    effects.push(name);
    const hit = kill?.effect === effects.length;
    dead = hit;
    if (hit && kill.when === 'before') throw new Killed();
    const result = await work();
    if (hit) throw new Killed();
    return result;
  }
  const killing: Store = {
    name: store.name,
    get: async (key, range) => {
      if (dead) throw new Killed();
      return store.get(key, range);
    },
    list: (prefix, options) => store.list(prefix, options),
    put: (key, body, options) => effect(`put ${withoutAttempt(key)}`, () => store.put(key, body, options)),
    delete: (key) => effect(`delete ${withoutAttempt(key)}`, () => store.delete(key)),
  };
  return { store: killing, effects, effect, isDead: () => dead };
}

/** The random digits of a load id differ from attempt to attempt. */
const withoutAttempt = (key: string) => key.replace(/-[0-9a-f]{12}(?=[-.])/, '-attempt');

/** How often each kind of effect occurs: the verb and the first folder of its key. */
export function countEffects(effects: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const effect of effects) {
    const [kind = ''] = effect.split('/', 1);
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
