import { databasesOf } from '../../../schemas/derive/databases.ts';
import { SqlError, StorageError } from '../../errors.ts';
import { readBackRows } from '../../load/read-back-rows.ts';
import type { Engine, Ports } from '../../ports.ts';

/**
 * Reads rows back from the tables of a stage. A deployment creates every table before its extractor, so a table that Athena does not
 * find is one that the role may not see, or was dropped. Both stop the run: starting from nothing would give rows new days and numbers,
 * and later merges would change nothing.
 * @throws StorageError if the table is not found; whatever else the engine throws
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
      if (!(error instanceof SqlError)) throw error;
      throw new StorageError(
        `Athena does not find table ${safe}.${table.name}, or one of its columns; either this role may not see it (Lake Formation, docs/aws.md), or code and tables have different versions: deploy the stage again. Nothing was read, because rows that the table may hold would get new numbers`,
        { source: table.source, account },
        { cause: error },
      );
    }
  };
}
