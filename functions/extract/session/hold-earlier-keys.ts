import type { Table } from '../../../schemas/table.ts';
import { type Digest, joinKey, splitKey } from '../../lake/digest.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import { heldKeyOf } from '../rows/mask.ts';
import type { ShownTexts } from '../rows/shown-texts.ts';

/**
 * Files records of a lake of an earlier version, which held every key as it was served, under their present keys. The earlier entry
 * counts as removed, so that no scan proves that it is gone: rows under such keys are not loaded, see `derive/shown-sql.ts`.
 * @param at scheduled time of the run, ms
 * @returns what of the state names keys
 */
export function holdEarlierKeys(
  table: Table,
  texts: ShownTexts,
  { digest, state, at }: { readonly digest: Digest; readonly state: StreamState; readonly at: number },
): Pick<StreamState, 'redact'> {
  const held = heldKeyOf(table, texts);
  const heldKey = (key: string) => joinKey(held(splitKey(table, key)));
  for (const [key, entry] of [...digest.entries]) {
    const present = heldKey(key);
    if (present === key) continue;
    digest.set(present, entry);
    digest.set(key, { ...entry, deletedAt: entry.deletedAt ?? at });
  }
  return { redact: state.redact.map(heldKey) };
}
