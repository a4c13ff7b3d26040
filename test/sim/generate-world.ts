import { OPT_OUTS } from './expect.ts';
import type { Features } from './features.ts';
import type { SourceName } from './product.ts';
import type { Random } from './random.ts';
import type { WorldStep } from './scenario.ts';

/** Generates the events at the vendor. */
export interface WorldSteps {
  /** The records that exist before the first run. */
  first(count: number): readonly WorldStep[];
  /** A new call. */
  add(hour: number): WorldStep;
  /** One event at this hour; none if no feature needs it. */
  some(hour: number): readonly WorldStep[];
}

const USERS = ['101', '102', '103'];

/** Generates the steps of one seed; it remembers the calls that it created. */
export function worldSteps(random: Random, source: SourceName, features: Features): WorldSteps {
  const ids: string[] = [];
  const gone: string[] = [];
  let entries = 0;
  const listOf = () =>
    source === 'kalem' ? random.pick(['inbound', 'outbound']) : source === 'kismet' ? random.pick(USERS) : undefined;

  function add(hour: number): WorldStep {
    const blank = features.has('blank ids') && source === 'zudu' && random.one(3);
    const name = `${blank ? 'uuid-' : ''}call-${String(ids.length + 1).padStart(3, '0')}`;
    const id = source === 'kismet' ? String(1001 + ids.length) : name;
    ids.push(id);
    const never = features.has('never connected') && source !== 'kismet' && random.one(6);
    // Several calls begin at one instant.
    const at = features.has('ties') ? Math.floor(hour / 2) * 2 : Math.round(hour * 1000) / 1000;
    const list = listOf();
    return {
      do: 'add',
      id,
      at: never ? null : at,
      ...(list === undefined ? {} : { list }),
      ...(source === 'kismet' ? { people: random.int(0, 2) } : {}),
      ...(blank ? { blank } : {}),
      ...(features.has('opt-outs') && random.one(8) ? { optOut: true } : {}),
    };
  }

  /** The first calls are never removed, so that no list becomes empty. */
  const any = () => random.pick(ids.slice(Math.min(4, ids.length - 1)));

  function remove(): WorldStep[] {
    if (gone.length > ids.length / 4) return [];
    const id = any();
    gone.push(id);
    return [{ do: 'remove', id }];
  }

  function audit(hour: number): WorldStep {
    entries += 1;
    return { do: 'audit', id: random.pick(ids), entry: entries, at: hour - random.next(), fields: random.int(0, 3) };
  }

  function figures(hour: number): WorldStep {
    const day = Math.floor((hour + 9) / 24);
    const scope = random.pick(['organization', ...USERS]);
    return { do: 'figures', scope, from: day - random.int(0, 6), to: day - 1, value: random.int(1, 90) };
  }

  const hasOptOuts = features.has('opt-outs') && OPT_OUTS[source] !== undefined;
  const MAKERS: readonly (readonly [on: boolean, make: (hour: number) => readonly WorldStep[]])[] = [
    [true, (hour) => [add(hour - random.next() * 0.2)]],
    [true, (hour) => [add(hour - random.next() * 30)]],
    [features.has('removals'), remove],
    [features.has('reappearance'), () => (gone.length > 0 ? [{ do: 'restore', id: random.pick(gone) }] : remove())],
    [
      features.has('edits'),
      () => [{ do: 'edit', id: any(), ...(source === 'kismet' ? { people: random.int(0, 2) } : {}) }],
    ],
    [hasOptOuts, () => [{ do: 'optOut', id: any() }]],
    [hasOptOuts, () => [{ do: random.pick(['optIn', 'optOut'] as const), id: any() }]],
    [features.has('audits') && source === 'kismet', (hour) => [audit(hour)]],
    [features.has('figures') && source === 'kismet', (hour) => [figures(hour)]],
    [
      features.has('users') && source === 'kismet',
      () => [{ do: random.pick(['removeUser', 'restoreUser'] as const), id: random.pick(USERS.slice(1)) }],
    ],
  ];
  const makers = MAKERS.filter(([on]) => on).map(([, make]) => make);

  return {
    add,
    some: (hour) => random.pick(makers)(hour),
    first(count) {
      const steps: WorldStep[] = [];
      if (source === 'kismet') {
        for (const id of USERS) steps.push({ do: 'user', id, at: -24 * random.int(5, 60) });
        if (features.has('figures'))
          for (const scope of ['organization', ...USERS])
            steps.push({ do: 'figures', scope, from: -random.int(3, 60), to: -1, value: 5 });
      }
      for (let n = 0; n < count; n += 1) steps.push(add(-random.next() * 150));
      return steps;
    },
  };
}
