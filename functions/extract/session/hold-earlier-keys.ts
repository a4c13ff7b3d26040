import type { Table } from '../../../schemas/table.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import { type Digest, isBlank, joinKey } from '../../lake/digest.ts';
import { splitKey } from '../../lake/split-key.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import { heldKeyOf, type ShownTexts } from '../rows/shown-texts.ts';

/**
 * Renames records in a digest of an earlier version, which stored every key as it was served, to their present keys. The entry of an
 * earlier key counts as deleted, so that no scan has to prove that it is gone: rows under such keys are not loaded, see
 * `derive/shown-sql.ts`.
 * @param at scheduled time of the run, ms
 * @returns the part of the state that names keys
 */
export async function holdEarlierKeys(
  table: Table,
  texts: ShownTexts,
  { digest, state, at }: { readonly digest: Digest; readonly state: StreamState; readonly at: number },
): Promise<Pick<StreamState, 'redact'>> {
  const { heldKey, heldAlias } = compileHeld(table, texts);
  for await (const batch of digest.entries.batches()) {
    const moved = batch.flatMap(([key, entry]) => {
      const [present, alias] = [heldKey(key), heldAlias(entry)];
      return present === key && alias === entry.alias ? [] : [{ key, entry, present, alias }];
    });
    await digest.entries.load(moved.flatMap(({ key, present }) => [key, present]));
    for (const { key, entry, present, alias } of moved) {
      const { alias: _served, ...rest } = entry;
      if (present !== key) digest.set(key, { ...rest, deletedAt: entry.deletedAt ?? at });
      digest.set(present, { ...rest, ...(alias !== undefined && { alias }) });
      if (alias !== undefined) digest.setFirstKey(alias, { key: present, firstSeenAt: entry.firstSeenAt });
    }
  }
  return { redact: state.redact.map(heldKey) };
}

/** How the digest holds keys, and what stable keys are looked up by. */
function compileHeld(table: Table, texts: ShownTexts) {
  const held = heldKeyOf(table, texts);
  const holdAlias = texts.keyPart(table.columns[table.stableKey?.by ?? '']);
  return {
    heldKey: (key: string) => joinKey(held(splitKey(table, key))),
    heldAlias: ({ alias }: DigestEntry) => (alias === undefined || isBlank(alias) ? undefined : holdAlias(alias)),
  };
}
