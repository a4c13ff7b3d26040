import type { Table } from '../../schemas/table.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { joinKey } from '../lake/digest.ts';
import type { ErasedName } from '../lake/erasure-ledger.ts';
import { splitKey } from '../lake/split-key.ts';
import type { CopyPorts } from '../purge/purge-copies.ts';
import { noKeys, noteNames, noteStoredRows } from '../rotate/renamed-keys.ts';
import type { Stream } from '../source/source.ts';
import { namesInRaw } from './erasure-of-copies.ts';
import type { FindPorts, FoundRecords } from './find-records.ts';
import { erasedOfStream } from './purge-account.ts';
import type { Selector } from './selector.ts';

/**
 * Names of found records as the vendor serves them. If a hash replaces an unusual id, it changes with the hash key; the id itself is in
 * raw copies and in `_extra`, and for a record that opted out, in the command alone.
 */
export async function servedNames(
  found: FoundRecords,
  selector: Selector,
  hashKey: string,
  ports: CopyPorts & FindPorts,
): Promise<readonly ErasedName[]> {
  const { source, account, matches } = found;
  const held = [...found.keys.values(), found.aliases].flatMap((texts) => [...texts]);
  if (!held.some(isReplaced)) return [];
  const names: ErasedName[] = [];
  for (const [name, stream] of Object.entries(source.streams)) {
    const [table] = stream.tables;
    if (!matches.some((match) => match.table === table)) continue;
    if (selector.kind === 'call' && table === matches[0]?.table) names.push(...givenNames(name, stream, selector.id));
    for (const text of await keysInExtra(table, found, ports)) names.push({ stream: name, by: 'key', text });
    const copies = erasedOfStream(found, name, stream, hashKey);
    for await (const { raw } of readCommitsAfter(ports.store, { source: source.name, account, stream: name }, 0))
      for (const key of raw) names.push(...(await namesInRaw(key, copies, ports)));
  }
  return names;
}

/** True for a key of which a part is a hash. */
function isReplaced(key: string): boolean {
  return noteNames(key, noKeys());
}

/** The id in the command is that of the record, or the one that its stable key is looked up by. */
function givenNames(stream: string, { tables: [{ stableKey }] }: Stream, text: string): readonly ErasedName[] {
  const own: ErasedName = { stream, by: 'key', text };
  return stableKey ? [own, { ...own, by: 'alias' }] : [own];
}

/** Keys of found rows as they were served, as far as `_extra` has them. */
async function keysInExtra(table: Table, { account, keys }: FoundRecords, ports: FindPorts) {
  const own = [...(keys.get(table) ?? [])].filter(isReplaced);
  if (own.length === 0) return [];
  const known = noKeys();
  await noteStoredRows(table, account, { ...ports, found: known });
  const served = own.map((key) =>
    joinKey(splitKey(table, key).map((part) => (typeof part === 'string' ? (known.texts.get(part) ?? part) : part))),
  );
  return served.filter((key, n) => key !== own[n]);
}
