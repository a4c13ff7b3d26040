import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import { keyNamesText, namedColumns } from '../../schemas/derive/rename-keys.ts';
import { isJsonObject } from '../../schemas/json-text.ts';
import { REPLACED_KEY } from '../../schemas/safe-text.ts';
import type { Table } from '../../schemas/table.ts';
import { AlreadyRunningError } from '../errors.ts';
import { replacedKey } from '../extract/rows/hashes.ts';
import { fingerprintOf } from '../hash-key.ts';
import { parseStored, storedJson } from '../lake/objects.ts';
import type { Engine, Store } from '../ports.ts';

/**
 * New names of keys that do not show their text, by the names that the earlier hash key gave them. A name is `~` and a part of the
 * keyed hash of the text as served, which is in `_extra`.
 */
export type RenamedKeys = ReadonlyMap<string, string>;

/** What was found of such keys. */
export interface FoundKeys {
  /** All names. */
  readonly names: Set<string>;
  /** The text as served, by name, where it is stored. */
  readonly texts: Map<string, string>;
}

/** Nothing found yet. */
export function noKeys(): FoundKeys {
  return { names: new Set(), texts: new Map() };
}

const NAMES = /~[0-9a-f]{32}(?![0-9a-f])/g;

/** Notes the names in a text, such as a line of a digest. @returns true if there is any */
export function noteNames(text: string, { names }: FoundKeys): boolean {
  const found = text.match(NAMES) ?? [];
  for (const name of found) names.add(name);
  return found.length > 0;
}

/** Puts the new names into a text. A name has one length, so that the text keeps its own. */
export function renameIn(text: string, renamed: RenamedKeys): string {
  return text.replace(NAMES, (name) => renamed.get(name) ?? name);
}

/** Notes the names in a row, and the texts of its own key. @param values of the columns @param extra the row's `_extra` */
export function noteRow(
  table: Table,
  values: Readonly<Record<string, unknown>>,
  extra: unknown,
  { names, texts }: FoundKeys,
): void {
  let served: Readonly<Record<string, unknown>> | undefined;
  for (const [column, name] of Object.entries(values)) {
    if (typeof name !== 'string' || !REPLACED_KEY.test(name)) continue;
    names.add(name);
    served ??= servedKey(table, extra);
    const text = served[column];
    if (typeof text === 'string') texts.set(name, text);
  }
}

/** The parts of a row's key as they were served, by column. */
function servedKey(table: Table, extra: unknown): Readonly<Record<string, unknown>> {
  const parsed = typeof extra === 'string' ? parseStored(Buffer.from(extra)) : undefined;
  const key = isJsonObject(parsed) ? parsed['$key'] : undefined;
  return isJsonObject(key) ? key : { [table.key[0] ?? '']: key };
}

/** Notes the names in the rows of one account in a table of the warehouse. @returns columns that hold any */
export async function noteStoredRows(
  table: Table,
  account: string,
  { engine, databases = DATABASES, found }: { engine: Engine; databases?: Databases | undefined; found: FoundKeys },
): Promise<readonly string[]> {
  const columns = namedColumns(table);
  if (columns.length === 0) return [];
  const { rows } = await engine.query(keyNamesText(table, account, databases));
  const holding = new Set<string>();
  for (const row of rows) {
    const values = Object.fromEntries(columns.map((name, n) => [name, row[n]]));
    noteRow(table, values, row[columns.length], found);
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string' && REPLACED_KEY.test(value)) holding.add(name);
  }
  return [...holding];
}

/** Holds the new names until a rotation has ended, so that the next one can finish it: no text leads to a name that was renamed. */
const RENAMED_KEY = 'keys/renamed.json';

interface StoredNames {
  readonly fingerprint: string;
  readonly renamed: Readonly<Record<string, string>>;
}

/**
 * Decides the new names, and keeps them in the store. A name whose text is stored nowhere gets the hash of itself: so rows and references
 * to them still match, and whoever has the earlier key cannot test guesses.
 */
export async function decideNames(store: Store, { names, texts }: FoundKeys, hashKey: string): Promise<RenamedKeys> {
  const fingerprint = fingerprintOf(hashKey);
  const body = await store.get(RENAMED_KEY);
  const before = body && (parseStored(body) as StoredNames | undefined);
  if (before?.fingerprint === fingerprint) return new Map(Object.entries(before.renamed));
  const earlier = new Map(Object.entries(before?.renamed ?? {}));
  const ownName = (name: string) => replacedKey(texts.get(name) ?? name, hashKey);
  const renamed = new Map<string, string>();
  for (const name of new Set([...names, ...earlier.keys()])) {
    // A rotation that was killed, to a third key, has renamed it in some places.
    const next = texts.has(name) ? undefined : earlier.get(name);
    renamed.set(name, ownName(next ?? name));
  }
  if (renamed.size === 0) return renamed;
  const stored = storedJson({ fingerprint, renamed: Object.fromEntries(renamed) });
  if (!(await store.put(RENAMED_KEY, stored, { replace: body ?? false })))
    throw new AlreadyRunningError('another rotation of the hash key has begun');
  return renamed;
}

/** Forgets the names once everything is renamed. */
export async function forgetNames(store: Store): Promise<void> {
  await store.delete(RENAMED_KEY);
}
