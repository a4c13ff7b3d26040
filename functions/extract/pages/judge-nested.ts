import { ContractError } from '../../errors.ts';
import { columnsIntoOthers, remedyForPath, unseenChildKey } from '../../source/child-paths.ts';
import type { StreamSession } from '../session/session.ts';

/** If none of at least so many elements has its key, the key's path is wrong. */
const FEWEST_TO_JUDGE = 5;

/**
 * Warns of columns that would be null in each row, because their paths lead into a list, a text or a number. Fails the stream if no
 * element of a child table has its key, so that the table would stay empty.
 * @param records of the stream's first page
 */
export function judgeNested({ stream, warnOnce, progress, id }: StreamSession, records: readonly object[]): void {
  for (const { column, path, at, kind } of columnsIntoOthers(stream.tables, records))
    warnOnce(
      `${stream.path}: path "${path}" of column ${column}: ${at} is ${kind}; expected an object; ${remedyForPath({ kind })}`,
    );
  for (const table of stream.tables.slice(1)) {
    const key = unseenChildKey(table, records, FEWEST_TO_JUDGE);
    if (key === undefined) continue;
    const seen = `no element of this page has a field ${table.columns[key]?.paths.join(' or ')}`;
    const expected = `key column ${key} of ${table.name}; correct the declaration. Its records are kept raw`;
    progress.fail(new ContractError(`${stream.path}: ${seen}; expected ${expected}`, id));
  }
}
