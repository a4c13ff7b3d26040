import { stagedColumns } from '../../schemas/layout.ts';
import { RESERVED_COLUMNS } from '../../schemas/standard-columns.ts';
import type { Table } from '../../schemas/table.ts';
import type { Fault } from './fault.ts';

/** What tables and columns may be called. */
export const NAME = /^[a-z][a-z0-9_]{0,62}$/;
export const NAME_SAYS = 'a lower-case letter, then letters, digits and _';

/** Finds columns whose names no SQL engine takes, or that another column of the staged files has. */
export function* checkColumnNames(table: Table, at: string): Iterable<Fault> {
  for (const column of Object.keys(table.columns)) {
    if (!NAME.test(column) || RESERVED_COLUMNS.has(column))
      yield {
        at: `${at}.columns.${column}`,
        seen: 'it is not a name of a column',
        expected: `${NAME_SAYS}, and not ${[...RESERVED_COLUMNS].join(' or ')}`,
      };
  }
  const staged = stagedColumns(table);
  const twice = staged.find((column, n) => column.endsWith('_hash') && staged.indexOf(column) < n);
  if (twice !== undefined)
    yield {
      at: `${at}.columns`,
      seen: `two are called ${twice}`,
      expected: 'no column called like the hash of another',
    };
}
