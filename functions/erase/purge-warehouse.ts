import type { Databases } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { FoundRecords } from './find-records.ts';
import { keyTests } from './row-tests.ts';

/** Statements that delete the found rows from both halves of the warehouse. No other row changes. */
export function deleteTexts({ account, keys }: FoundRecords, databases: Databases): readonly string[] {
  return [...keys].flatMap(([table, found]) =>
    [databases.safe, databases.phi].flatMap((database) =>
      keyTests(table, found).map(
        (test) =>
          `DELETE FROM ${quoteName(database)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND (${test})`,
      ),
    ),
  );
}
