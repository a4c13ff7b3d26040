import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { countVersionsText, eraseVersionsText, hasHistory } from '../../schemas/derive/versions.ts';
import type { FindPorts, FoundRecords } from './find-records.ts';
import { chunks, keyTests } from './row-tests.ts';

/**
 * Statements that delete the found rows from both halves of the warehouse, and all versions of the calls. No other row changes. What a
 * later attempt finds rows by comes last, so that what a kill between two statements leaves can still be found: the rows of the records
 * after all that belongs to them, and of each table `callhouse`, which has the hashes, after the sensitive half.
 */
export function deleteTexts({ account, keys }: FoundRecords, databases: Databases): readonly string[] {
  return [...keys]
    .reverse()
    .flatMap(([table, found]) => [
      ...(hasHistory(table) ? chunks(found).map((some) => eraseVersionsText({ table, account }, some, databases)) : []),
      ...[databases.phi, databases.safe].flatMap((database) =>
        keyTests(table, found).map(
          (test) =>
            `DELETE FROM ${quoteName(database)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND (${test})`,
        ),
      ),
    ]);
}

/** Number of versions that the found calls have in `call_versions`. */
export async function countVersions(
  { account, keys }: FoundRecords,
  { engine, databases }: FindPorts,
): Promise<number> {
  let count = 0;
  for (const [table, found] of keys)
    for (const some of hasHistory(table) ? chunks(found) : []) {
      const { rows } = await engine.query(countVersionsText({ table, account }, some, databases));
      count += Number(rows[0]?.[0] ?? 0);
    }
  return count;
}
