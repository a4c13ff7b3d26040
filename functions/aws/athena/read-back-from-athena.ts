import { databasesOf } from '../../../schemas/derive/databases.ts';
import { SqlError } from '../../errors.ts';
import { readBackRows } from '../../load/read-back-rows.ts';
import type { Engine, Ports } from '../../ports.ts';

/**
 * Reads rows back from the tables of a stage.
 * @returns a function that returns undefined if the table does not exist yet. Any other failure stops the run: starting from nothing
 * would give rows new days and numbers
 */
export function readBackFromAthena(
  engine: Engine,
  databasePrefix?: string,
): NonNullable<Ports['readBackFromWarehouse']> {
  const { safe } = databasesOf(databasePrefix);
  return async (table, account) => {
    try {
      return await readBackRows(engine, table, account, safe);
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  };
}
