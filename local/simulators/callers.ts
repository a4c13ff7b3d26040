import type { Vendor } from './vendor.ts';
import type { World } from './world.ts';

/** Somebody calls again after one of this many other callers: within about two days. */
const LATEST = 40;

/**
 * Number of an inbound call: the one that was drawn, or that of somebody who called lately. It has a draw of its own, so that whoever
 * wants no repeated caller gets the same world as before.
 * @param label of the call; calls of a drift arrive in the order of requests, so they leave no trace in the world
 */
export function callerNumber(
  world: World,
  call: { readonly vendor: Vendor; readonly label: string },
  drawn: string | null,
): string | null {
  const { callers, options } = world;
  if (drawn === null || options.repeatCallers === 0) return drawn;
  const random = world.random(`${call.vendor}/caller/${call.label}`);
  const known = random.chance(options.repeatCallers) ? callers.at(-random.int(1, LATEST)) : undefined;
  const number = known ?? drawn;
  if (!call.label.startsWith('drift/')) callers.push(number);
  return number;
}
