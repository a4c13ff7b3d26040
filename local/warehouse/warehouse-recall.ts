import { CallhouseError } from '../../functions/errors.ts';
import type { Engine, Ports, RecalledRow, Store } from '../../functions/ports.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';

/** A reader of what the warehouse holds, opened at its first use and closed once. */
export interface WarehouseRecall {
  readonly recall: NonNullable<Ports['recall']>;
  close(): Promise<void>;
}

/** What recalling needs. */
export interface WarehouseRecallOptions {
  readonly store: Store;
  /** Opens the warehouse for reading; undefined where there is none. */
  readonly open: () => Engine | undefined;
}

/**
 * Tells what the warehouse holds of a table whose commit log is not there: mostly nothing, since the stream is new. ErrorContext the
 * warehouse cannot be asked, the loader's own progress objects tell that much.
 */
export function warehouseRecall({ store, open }: WarehouseRecallOptions): WarehouseRecall {
  let engine: Engine | undefined;
  let failure: CallhouseError | undefined;
  return {
    async recall(table, account) {
      engine ??= open();
      if (!engine) return undefined;
      try {
        // What failed once is not waited for again.
        if (failure) throw failure;
        return await readRows(engine, table, account);
      } catch (error) {
        if (!(error instanceof CallhouseError)) throw error;
        failure = error;
        if (await isNeverLoaded(store, table, account)) return undefined;
        throw error;
      }
    },
    async close() {
      await engine?.close();
      engine = undefined;
    },
  };
}

async function readRows(engine: Engine, table: Table, account: string): Promise<RecalledRow[] | undefined> {
  const { rows: found } = await engine.query(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = ${quoteText(DATABASES.safe)} AND table_name = ${quoteText(table.name)}`,
  );
  if (found.length === 0) return undefined;
  const keys = table.key.map((name) => `CAST(${quoteName(name)} AS VARCHAR)`);
  const { rows } = await engine.query(
    `SELECT CAST(_part_on AS VARCHAR), _first_seen_at, _deleted_at, _seq, ${keys.join(', ')} FROM ${quoteName(DATABASES.safe)}.${quoteName(table.name)} WHERE account = ${quoteText(account)}`,
  );
  return rows.map(([partOn, firstSeenAt, deletedAt, seq, ...key]) => ({
    key: key.map(String),
    partOn: String(partOn),
    firstSeenAt: (firstSeenAt as Date).getTime(),
    deletedAt: deletedAt instanceof Date ? deletedAt.getTime() : undefined,
    seq: Number(seq),
  }));
}

/** True where the lake knows of loads, and none of them is of this table's source and account. */
async function isNeverLoaded(store: Store, { source }: Table, account: string): Promise<boolean> {
  let any = false;
  for await (const key of store.list('progress/')) {
    any = true;
    const [, , loaded, by] = key.split('/');
    if (loaded === source && by === account) return false;
  }
  return any;
}
