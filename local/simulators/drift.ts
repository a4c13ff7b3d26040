import type { KalemDirection, KalemWorld } from './kalem-world.ts';
import { isFinished, removeKalemCall } from './kalem-world.ts';
import type { KismetUser, KismetWorld } from './kismet-types.ts';
import { createRandom } from './random.ts';
import type { SolumWorld } from './solum-world.ts';
import { removeSolumCall } from './solum-world.ts';
import { removeZuduCall } from './zudu-life.ts';
import type { ZuduWorld } from './zudu-types.ts';

/** The four sides of the world. */
export interface VendorWorlds {
  readonly kismet: KismetWorld;
  readonly solum: SolumWorld;
  readonly zudu: ZuduWorld;
  readonly kalem: KalemWorld;
}

/** Changes the world while a client pages through a list. Otherwise nothing changes between requests. */
export interface Drift {
  set(rate: number, seed: number, removals: number): void;
  turnKismet(user: KismetUser): void;
  turnSolum(): void;
  turnZudu(): void;
  turnKalem(direction: KalemDirection | undefined): void;
}

/** Makes a drift that does nothing until it is set. */
export function createDrift(worlds: VendorWorlds): Drift {
  const { kismet, solum, zudu, kalem } = worlds;
  let settings = { rate: 0, removals: 0 };
  let random = createRandom(1, 'drift');
  let moves = 0;
  const turn = (arrive: (label: string) => void, remove?: () => void): void => {
    if (!random.chance(settings.rate)) return;
    moves += 1;
    if (remove !== undefined && random.chance(settings.removals)) remove();
    else arrive(`drift/${moves}`);
  };
  const pickFrom = <T>(list: readonly T[], act: (item: T) => void): void => {
    const item = list[random.int(0, list.length - 1)];
    if (item !== undefined) act(item);
  };
  return {
    set(rate, seed, removals) {
      settings = { rate, removals };
      random = createRandom(seed, 'drift');
    },
    turnKismet: (user) => turn((label) => kismet.arrive(label, user)),
    turnSolum: () => {
      turn(solum.arrive, () => pickFrom(solum.calls, (call) => removeSolumCall(solum, call)));
    },
    turnZudu: () => turn(zudu.arrive, () => pickFrom(zudu.calls, (call) => removeZuduCall(zudu, call))),
    turnKalem: (direction) => {
      const list = kalem.lists[direction ?? 'all'];
      const remove = (): void => pickFrom(list.filter(isFinished), (call) => removeKalemCall(kalem, call));
      turn((label) => kalem.arrive(label, direction), remove);
    },
  };
}
