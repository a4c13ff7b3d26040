/** The oldest supported Node, equal to `engines` in package.json. Much older versions must be able to parse this file: no `??`, no `?.`. */
export const LEAST_NODE = '20.19';

/**
 * Describes on one line why this Node is too old.
 * @param version such as `process.versions.node`
 * @returns undefined if it is new enough
 */
export function describeOldNode(version: string): string | undefined {
  const seen = version.split('.').map(Number);
  const least = LEAST_NODE.split('.').map(Number);
  const isNewEnough = seen[0] === least[0] ? Number(seen[1]) >= Number(least[1]) : Number(seen[0]) > Number(least[0]);
  if (isNewEnough) return undefined;
  return `Node ${version} is too old; expected Node ${LEAST_NODE} or later: install a newer Node, then run this again`;
}
