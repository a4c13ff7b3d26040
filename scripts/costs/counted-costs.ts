import { listSources } from '../../functions/source/registry.ts';
import { costsText } from './costs-text.ts';
import { countTicks, countWarehouseRuns } from './count-runs.ts';

/** Stands before and after the costs in `docs/aws.md`. */
export const MARK = '<!-- costs -->';
/** A source that somebody adds to the repository must not change the table. */
const VENDORS = ['kalem', 'kismet', 'solum', 'zudu'];

/** The costs of `docs/aws.md`, with everything counted anew. */
export async function countedCosts(): Promise<string> {
  const sources = (await listSources()).filter(({ name }) => VENDORS.includes(name));
  const ticks = await countTicks(sources);
  const [one, two] = await Promise.all(
    [['default'], ['default', 'north']].map((accounts) => countWarehouseRuns(sources, accounts)),
  );
  if (!one || !two) throw new Error('expected the counts of two stages');
  return costsText({ ...one, ticks }, { ...two, ticks });
}
