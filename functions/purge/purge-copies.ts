import { columnIndex, stagedColumns } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import type { ShownTexts } from '../extract/rows/shown-texts.ts';
import { changeObject } from '../lake/change-object.ts';
import { rawRoot, type StreamId, stagedRoot } from '../lake/objects.ts';
import { changeRawPages, type RawPage } from '../lake/raw-pages.ts';
import { decodeStaged } from '../lake/staged-files.ts';
import type { Ports, StagedFile, Store } from '../ports.ts';
import type { Stream } from '../source/source.ts';
import { matchingRows, type RowMatch } from './row-match.ts';

/** What is removed from the copies of a stream: complete records (an erasure), or their sensitive values. */
export interface Purge {
  readonly id: StreamId;
  readonly stream: Stream;
  /** How the rows are found in staged files. */
  readonly matches: readonly RowMatch[];
  /** How parts of keys are stored that may not be shown as they were served. */
  readonly held: Pick<ShownTexts, 'keyPart'>;
  /** The page as it may stay: the same bytes if nothing is removed, undefined if nothing stays. */
  readonly page: (page: RawPage) => Buffer | undefined;
  /**
   * The columns of a staged file as they may stay.
   * @param found rows that match
   * @returns undefined if nothing is taken out
   */
  readonly rows: (table: Table, columns: Value[][], found: ReadonlySet<number>) => Value[][] | undefined;
}

/** What rewriting copies needs. */
export type CopyPorts = Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet'>;

/** A copy of a stream: raw pages, or the staged file of a table. */
export type Copy = Pick<StagedFile, 'key'> & { readonly table?: string };

/** Folders of a stream's copies. */
export function copyFolders({
  id,
  stream,
}: Pick<Purge, 'id' | 'stream'>): readonly { folder: string; table?: string }[] {
  const staged = stream.tables.map(({ name }) => ({ folder: stagedRoot(name, id.account), table: name }));
  return [{ folder: rawRoot(id) }, ...staged];
}

/**
 * Every copy of a stream, folder by folder, also copies that no commit names, which a killed run leaves behind.
 * @param after key of the last copy that is left out. @default none is
 */
export async function* copiesOf(
  purge: Pick<Purge, 'id' | 'stream'>,
  store: Store,
  after?: string,
): AsyncGenerator<Copy> {
  const folders = copyFolders(purge);
  const begun = folders.findIndex(({ folder }) => after?.startsWith(folder));
  for (const [n, { folder, table }] of folders.entries()) {
    if (n < begun) continue;
    const keys = store.list(folder, n === begun ? { after } : {});
    for await (const key of keys) yield table === undefined ? { key } : { key, table };
  }
}

/** What became of a copy. */
export type Purged = 'same' | 'gone' | { readonly rows: number; readonly deletes: number };

/** Writes a copy again without what is taken out. */
export async function purgeCopy(copy: Copy, purge: Purge, ports: CopyPorts): Promise<void> {
  if (copy.table === undefined) await purgeRaw(copy.key, purge, ports);
  else await purgeStaged({ key: copy.key, table: copy.table }, purge, ports);
}

/** @returns true if the object was written again */
export function purgeRaw(key: string, { id, page }: Purge, ports: CopyPorts): Promise<boolean> {
  return changeRawPages(key, id, ports, page);
}

/** Writes a staged file again. If none of its rows stays, the caller must deal with it, because a commit may name it. */
export async function purgeStaged(
  { key, table: name }: Pick<StagedFile, 'key' | 'table'>,
  purge: Purge,
  ports: CopyPorts,
): Promise<Purged> {
  const matches = purge.matches.filter(({ table }) => table.name === name);
  const table = matches[0]?.table;
  const names = [...new Set(matches.flatMap(({ columns }) => columns))];
  if (!table) return 'same';
  let purged: Purged = 'same';
  await changeObject(ports.store, key, async (body) => {
    purged = 'same';
    const read = (columns: readonly string[]) => decodeStaged({ key, body }, columns, ports, purge.id);
    const found = matchingRows(table, { names, columns: await read(names) }, matches, purge.held);
    const left = found.size > 0 ? purge.rows(table, await read(stagedColumns(table)), found) : undefined;
    if (!left) return undefined;
    const rows = left[0]?.length ?? 0;
    const operations = left[columnIndex(table)('_op')] ?? [];
    purged = rows === 0 ? 'gone' : { rows, deletes: operations.filter((operation) => operation !== 'upsert').length };
    return rows === 0 ? undefined : ports.parquet.write(table, left);
  });
  return purged;
}
