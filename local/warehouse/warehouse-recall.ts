import { CallhouseError } from '../../functions/errors.ts';
import { readBackRows } from '../../functions/load/read-back-rows.ts';
import type { Engine, Ports, ReadBackRow, Store } from '../../functions/ports.ts';
import { DATABASES } from '../../schemas/derive/databases.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';

/** Reads keys and timestamps back from the warehouse, which opens at the first use. */
export interface WarehouseRecall {
  readonly readBack: NonNullable<Ports['readBackFromWarehouse']>;
  /** Runs `work`, a load, with the warehouse closed. Reading back waits until it has ended. */
  whileClosed<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where to read from. */
export interface WarehouseRecallOptions {
  readonly store: Store;
  /** Opens the warehouse for reading; undefined if there is none. */
  readonly open: () => Engine | undefined;
}

/**
 * Reads back what the warehouse holds of a table whose commit log is missing. Usually that is nothing, because the stream is new.
 * If the warehouse cannot be opened, the loader's progress objects still show whether the account was ever loaded.
 */
export function warehouseRecall({ store, open }: WarehouseRecallOptions): WarehouseRecall {
  let engine: Engine | undefined;
  let failure: CallhouseError | undefined;
  const inTurn = oneAtATime();

  async function readBack(table: Table, account: string): Promise<readonly ReadBackRow[] | undefined> {
    engine ??= open();
    if (!engine) return undefined;
    try {
      // Waiting again for a warehouse that is busy would delay every stream.
      if (failure) throw failure;
      return await readRows(engine, table, account);
    } catch (error) {
      if (!(error instanceof CallhouseError)) throw error;
      failure = error;
      if (await isNeverLoaded(store, table, account)) return undefined;
      throw error;
    }
  }

  async function close(): Promise<void> {
    await engine?.close();
    engine = undefined;
  }

  return {
    readBack: (table, account) => inTurn(() => readBack(table, account)),
    whileClosed: (work) =>
      inTurn(async () => {
        await close();
        return work();
      }),
    close: () => inTurn(close),
  };
}

/** @returns a function that runs each work that it is given after the one before has ended */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

async function readRows(engine: Engine, table: Table, account: string): Promise<readonly ReadBackRow[] | undefined> {
  const { rows: found } = await engine.query(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = ${quoteText(DATABASES.safe)} AND table_name = ${quoteText(table.name)}`,
  );
  if (found.length === 0) return undefined;
  return readBackRows(engine, table, account, DATABASES.safe);
}

/** True if the lake has progress of loads, and none of this table's source and account. */
async function isNeverLoaded(store: Store, { source }: Table, account: string): Promise<boolean> {
  let any = false;
  for await (const key of store.list('progress/')) {
    any = true;
    const [, , loaded, by] = key.split('/');
    if (loaded === source && by === account) return false;
  }
  return any;
}
