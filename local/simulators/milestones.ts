import type { VendorWorlds } from './drift.ts';
import { isFinished, removeKalemCall } from './kalem-world.ts';
import { removeSolumCall, restoreSolumCall } from './solum-world.ts';
import { DAY_MS, HOUR_MS, type World } from './world.ts';
import { optOutZuduCall, removeZuduCall, restoreZuduCall } from './zudu-life.ts';
import type { ZuduCall } from './zudu-types.ts';

const REMOVAL_MS = 20 * HOUR_MS;
const OPT_OUT_MS = 30 * HOUR_MS;
const RETURN_MS = 5 * DAY_MS;

/** Plans the rare events that must happen soon in any world, however small: nobody should wait weeks for a removal. */
export function planMilestones(world: World, worlds: VendorWorlds): void {
  const { solum, zudu, kalem } = worlds;
  const { queue, startMs } = world;
  const random = world.random('milestones');
  const choose = <T>(list: readonly T[], count: number): T[] => {
    const left = [...list];
    const chosen = Array.from({ length: count }, () => left.splice(random.int(0, left.length - 1), 1)[0]);
    return chosen.filter((item) => item !== undefined);
  };
  const isPlain = ({ fields }: ZuduCall): boolean =>
    fields['call_status'] === 'ENDED' && fields['opt_out_sensitive_data_storage'] === false;
  queue.plan(startMs + REMOVAL_MS, () => {
    const solumCalls = choose(solum.calls.slice(0, -5), 3);
    const zuduCalls = choose(zudu.calls.filter(isPlain).slice(0, -5), 3);
    for (const call of solumCalls) removeSolumCall(solum, call);
    for (const call of zuduCalls) removeZuduCall(zudu, call);
    for (const call of choose(kalem.lists.all.filter(isFinished).slice(0, -5), 2)) removeKalemCall(kalem, call);
    queue.plan(startMs + RETURN_MS, () => {
      for (const call of solumCalls.slice(2)) restoreSolumCall(solum, call);
      for (const call of zuduCalls.slice(2)) restoreZuduCall(zudu, call);
    });
  });
  queue.plan(startMs + OPT_OUT_MS, () => {
    for (const call of choose(zudu.calls.filter(isPlain), 2)) optOutZuduCall(zudu, call);
  });
}
