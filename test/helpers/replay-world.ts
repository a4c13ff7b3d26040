import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readKnownStream } from '../../functions/extract/session/open-session.ts';
import type { DigestEntry, PartitionCursor } from '../../functions/lake/digest/digest-entry.ts';
import { noteErased } from '../../functions/lake/erasure-ledger.ts';
import type { Engine, Store } from '../../functions/ports.ts';
import { type ReplayResult, replay } from '../../functions/replay/replay.ts';
import { parseSettings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source/source.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import { collect } from './collect.ts';
import { makePorts } from './ports.ts';
import { noLog, testWarehouse } from './warehouse.ts';

const ERASURE_KEY = 'erasure key of the tests, which has 32 characters';

/** Rows of a table as text, by the half that holds them. */
export type TableRows = Readonly<Record<string, readonly string[]>>;

/** Replays of the lake in a folder, without a network. */
export function replayWorld(folder: string, sources: readonly Source[]) {
  const home = testWarehouse(folder);
  const accounts = Object.fromEntries(sources.map(({ name }) => [name, ['default']]));
  const open = async <T>(work: (engine: Engine) => Promise<T>): Promise<T> => {
    const engine = home.open();
    try {
      return await work(engine);
    } finally {
      await engine.close();
    }
  };
  const unreachable = () => Promise.reject(new Error('a replay asks no vendor'));
  return {
    store: home.store,
    /** Deletes a part of the lake, such as `digests`, or the warehouse. */
    lose: (...parts: readonly string[]) =>
      Promise.all(
        parts.map((part) => rm(part === 'warehouse' ? home.path : join(folder, 'lake', part), { recursive: true })),
      ),
    replay: (own: readonly Source[] = sources, store: Store = home.store): Promise<ReplayResult> =>
      open((engine) =>
        replay(
          { sources: own, accounts, settings: parseSettings({}, 'test') },
          { ...makePorts({ store, fetch: unreachable }), engine, log: noLog, erasureKey: async () => ERASURE_KEY },
        ),
      ),
    /** Notes that a call is erased, and leaves every copy of it. */
    noteErased: (source: string, text: string) =>
      noteErased(home.store, { source, account: 'default' }, [{ stream: 'calls', by: 'key', text }], {
        ...{ key: ERASURE_KEY, at: Date.now(), object: randomUUID() },
      }),
    change: (sql: string) => open((engine) => engine.execute(sql)),
    rows: (own: readonly Source[] = sources): Promise<TableRows> => open((engine) => readTables(engine, own)),
    known: () => readKnown(home.store, sources),
  };
}

async function readTables(engine: Engine, sources: readonly Source[]): Promise<TableRows> {
  const tables: Record<string, readonly string[]> = {};
  for (const table of sources.flatMap(({ streams }) => Object.values(streams).flatMap((stream) => stream.tables)))
    for (const twin of ['safe', 'phi'] as const) {
      const names = columnsIn(table, twin).map(({ name }) => name);
      const { rows } = await engine.query(
        `SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM "${DATABASES[twin]}"."${table.name}"`,
      );
      const lines = rows.map((row) => row.map((value, n) => `${names[n]}=${show(value)}`).join('\n'));
      tables[`${DATABASES[twin]}.${table.name}`] = lines.sort();
    }
  return tables;
}

function show(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

/** What each stream knows of its records and partitions. */
export interface KnownOfStream {
  readonly entries: Readonly<Record<string, DigestEntry>>;
  readonly cursors: Readonly<Record<string, PartitionCursor>>;
}

async function readKnown(store: Store, sources: readonly Source[]): Promise<Readonly<Record<string, KnownOfStream>>> {
  const known: Record<string, KnownOfStream> = {};
  for (const source of sources)
    for (const stream of Object.keys(source.streams)) {
      const id = { source: source.name, account: 'default', stream };
      const digest = (await readKnownStream(makePorts({ store }), id))?.digest;
      if (!digest) continue;
      const entries = Object.fromEntries((await collect(digest.entries.batches())).flat());
      const cursors = Object.fromEntries((await collect(digest.cursors.batches())).flat());
      known[`${source.name}.${stream}`] = { entries, cursors };
    }
  return known;
}

/** The rows of a table as objects of texts. */
export function rowsIn(
  tables: TableRows,
  database: 'safe' | 'phi',
  { name }: Table,
): readonly Record<string, string>[] {
  return (tables[`${DATABASES[database]}.${name}`] ?? []).map((line) =>
    Object.fromEntries(
      line.split('\n').map((cell) => [cell.slice(0, cell.indexOf('=')), cell.slice(cell.indexOf('=') + 1)]),
    ),
  );
}
