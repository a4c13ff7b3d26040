/** The oldest Node that runs Callhouse, as `engines` of package.json says. This file must parse on much older ones: no `??`, no `?.`. */
export const LEAST_NODE = '20.19';

/**
 * What is wrong with the Node that runs this, on one line.
 * @param version as `process.versions.node` has it
 * @returns undefined where it is new enough
 */
export function describeOldNode(version: string): string | undefined {
  const seen = version.split('.').map(Number);
  const least = LEAST_NODE.split('.').map(Number);
  const isNewEnough = seen[0] === least[0] ? Number(seen[1]) >= Number(least[1]) : Number(seen[0]) > Number(least[0]);
  if (isNewEnough) return undefined;
  return `Node ${version} is too old; expected Node ${LEAST_NODE} or later: install a newer Node, then run this again`;
}
