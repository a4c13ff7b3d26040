import { ContractError } from '../../errors.ts';
import type { StreamSession } from '../session/session.ts';

/** With fewer lists per record, all of their records may have been removed. */
export const FEWEST_MISSING = 25;

/** The failure of a read that found no list at all. One list may disappear, as a clinician leaves; if all do, their ids are wrong. */
export function allMissing({ stream, id, source, siblings }: StreamSession, count: number): ContractError {
  const settings = (source.options ?? []).filter((name) => siblings.options[name]);
  const remedy = settings.length > 0 ? `; check the ids in ${settings.join(', ')}` : '';
  return new ContractError(
    `${stream.path}: the vendor says of each of its ${count} partitions that it does not exist (404); expected at least one${remedy}`,
    id,
  );
}
