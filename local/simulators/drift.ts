import type { KalemDirection, KalemWorld } from './kalem-world.ts';
import { isFinished, removeKalemCall } from './kalem-world.ts';
import type { KismetUser, KismetWorld } from './kismet-types.ts';
import { createRandom, type Random } from './random.ts';
import type { SolumWorld } from './solum-world.ts';
import { removeSolumCall } from './solum-world.ts';
import { earlier } from './world.ts';
import { removeZuduCall } from './zudu-life.ts';
import type { ZuduWorld } from './zudu-types.ts';

/** The four sides of the world. */
export interface VendorWorlds {
  readonly kismet: KismetWorld;
  readonly solum: SolumWorld;
  readonly zudu: ZuduWorld;
  readonly kalem: KalemWorld;
}

/** How lists move while they are read; see `Simulators.setDrift`. */
interface DriftSettings {
  readonly rate: number;
  readonly seed: number;
  readonly removals: number;
  readonly spreadMs: number;
}

/** Changes the world while a client pages through a list. Otherwise nothing changes between requests. */
export interface Drift {
  set(settings: DriftSettings): void;
  turnKismet(user: KismetUser): void;
  turnSolum(): void;
  turnZudu(): void;
  turnKalem(direction: KalemDirection | undefined): void;
}

/** Makes a drift that does nothing until it is set. */
export function createDrift(worlds: VendorWorlds): Drift {
  const { kismet, solum, zudu, kalem } = worlds;
  let settings: DriftSettings = { rate: 0, seed: 1, removals: 0, spreadMs: 0 };
  /** Draws and moves of each list: lists are read side by side, and none may shift what another one draws. */
  const lists = new Map<string, { readonly random: Random; moves: number }>();
  const turn = (list: string, arrive: (label: string) => void, remove?: (random: Random) => void): void => {
    const state = lists.get(list) ?? { random: createRandom(settings.seed, `drift/${list}`), moves: 0 };
    lists.set(list, state);
    const { random } = state;
    if (!random.chance(settings.rate)) return;
    state.moves += 1;
    if (remove !== undefined && random.chance(settings.removals)) {
      remove(random);
      return;
    }
    const label = `drift/${list}/${settings.seed}/${kismet.world.nowMs}/${state.moves}`;
    earlier(kismet.world, random.int(0, settings.spreadMs), () => arrive(label));
  };
  const pickFrom = <T>(random: Random, list: readonly T[], act: (item: T) => void): void => {
    const item = list[random.int(0, list.length - 1)];
    if (item !== undefined) act(item);
  };
  return {
    set(given) {
      settings = given;
      lists.clear();
    },
    turnKismet: (user) => turn(`kismet/${user.id}`, (label) => kismet.arrive(label, user)),
    turnSolum: () => {
      turn('solum', solum.arrive, (random) => pickFrom(random, solum.calls, (call) => removeSolumCall(solum, call)));
    },
    turnZudu: () => {
      turn('zudu', zudu.arrive, (random) => pickFrom(random, zudu.calls, (call) => removeZuduCall(zudu, call)));
    },
    turnKalem: (direction) => {
      const list = kalem.lists[direction ?? 'all'];
      const remove = (random: Random): void =>
        pickFrom(random, list.filter(isFinished), (call) => removeKalemCall(kalem, call));
      turn(`kalem/${direction ?? 'all'}`, (label) => kalem.arrive(label, direction), remove);
    },
  };
}
