import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { isPrint } from '../../lake/digest/fingerprint.ts';
import { hash64 } from '../../lake/digest/shard.ts';
import { type Digest, isBlank } from '../../lake/digest.ts';
import { columnReader, compileUnpackFor } from './column-reader.ts';
import type { ShownTexts } from './shown-texts.ts';

/** Loads the keys that these records had first. Their table has a stable key. */
export type LoadFirstKeys = (records: readonly unknown[], context: Readonly<Record<string, unknown>>) => Promise<void>;

/** Compiles the columns that a stable key depends on. @param table declares a stable key */
export function firstKeyLoader(
  table: Table,
  { firstKeys, parts }: Digest,
  texts: Pick<ShownTexts, 'keyPart'>,
): LoadFirstKeys {
  const { by, column } = table.stableKey ?? { by: '', column: '' };
  const columns = [by, column].flatMap((name) => table.columns[name] ?? []);
  const unpack = compileUnpackFor(columns);
  const [readBy, readKey] = [by, column].map((name, n) => {
    const declared = columns[n];
    if (!declared) throw new Error(`table ${table.name} has no column ${name}`);
    return columnReader(name, declared, 0, table.key.includes(name));
  });
  const [holdBy, holdKey] = [by, column].map((name) => texts.keyPart(table.columns[name]));
  return async (records, context) => {
    const names: string[] = [];
    for (const record of records) {
      const given = isJsonObject(record) ? unpack(record) : {};
      const alias = readBy?.read(given, given, context, ignore);
      if (typeof alias !== 'string' || isBlank(alias)) continue;
      const name = holdBy?.(alias) ?? alias;
      if (!isSettledAs(name, readKey?.read(given, given, context, ignore))) names.push(name);
    }
    await firstKeys.load(names);
  };

  /** True if the digest's probes say that the record still has its first key, so that the settled row need not be read. */
  function isSettledAs(name: string, key: Value | undefined): boolean {
    const { settled, recent } = parts.firstKeys;
    const print = recent.has(name) || settled?.isLoaded(name) ? undefined : settled?.shards.printOf(name);
    if (typeof key !== 'string' || !print) return false;
    const held = holdKey?.(key) ?? key;
    if (!isPrint(print, hash64(held))) return false;
    settled?.keep(name, { key: held, firstSeenAt: 0 });
    return true;
  }
}

/** Doubts are counted once, by `flatten`. */
function ignore(): void {}
