import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { eraseVersionsText, hasHistory } from '../../schemas/derive/versions.ts';
import type { FoundRecords } from './find-records.ts';
import { chunks, keyTests } from './row-tests.ts';

/** Statements that delete the found rows from both halves of the warehouse, and all versions of the calls. No other row changes. */
export function deleteTexts({ account, keys }: FoundRecords, databases: Databases): readonly string[] {
  return [...keys].flatMap(([table, found]) => [
    // Versions first: after a kill, the rows of the calls tell whose are left.
    ...(hasHistory(table) ? chunks(found).map((some) => eraseVersionsText({ table, account }, some, databases)) : []),
    ...[databases.safe, databases.phi].flatMap((database) =>
      keyTests(table, found).map(
        (test) =>
          `DELETE FROM ${quoteName(database)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND (${test})`,
      ),
    ),
  ]);
}
