import { ContractError } from '../../errors.ts';
import type { StreamSession } from '../session/session.ts';

/** Lists per record of which a run finds none; fewer may all be of records that were removed. */
export const FEWEST_MISSING = 25;

/** One list may disappear (a clinician is removed); where none is left, the ids of the lists are wrong. */
export function allMissing({ stream, id, source, siblings }: StreamSession, count: number): ContractError {
  const settings = (source.options ?? []).filter((name) => siblings.options[name]);
  const remedy = settings.length > 0 ? `; check the ids in ${settings.join(', ')}` : '';
  return new ContractError(
    `${stream.path}: the vendor says of each of its ${count} partitions that it does not exist (404); expected at least one${remedy}`,
    id,
  );
}
