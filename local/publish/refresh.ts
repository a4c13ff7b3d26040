import type { DuckDBConnection } from '@duckdb/node-api';
import { WarehouseBusyError } from '../../functions/errors.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import { holderOf, isLocked } from '../warehouse/duckdb-errors.ts';
import { type PublishOptions, publish } from './publish.ts';
import { inMemory } from './query-copy.ts';

const WAREHOUSE = 'warehouse';

/**
 * Publishes from a warehouse that no load has open. Loads wait meanwhile, as they do for any query.
 * @throws WarehouseBusyError if a program holds the warehouse; StorageError
 */
export async function publishFromFile(options: PublishOptions): Promise<void> {
  const { warehouse } = options.dir;
  await inMemory(warehouse, async (connection) => {
    await publish({ connection, name: await attachWarehouse(connection, warehouse) }, options);
  });
}

/** Attaches a warehouse for reading. @returns its name @throws WarehouseBusyError if a program holds it */
export async function attachWarehouse(connection: DuckDBConnection, path: string): Promise<string> {
  try {
    await connection.run(`ATTACH ${quoteText(path)} AS ${WAREHOUSE} (READ_ONLY)`);
    return WAREHOUSE;
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new WarehouseBusyError(`warehouse ${path} is held by ${holderOf(error)}: close it there and run again`);
  }
}
