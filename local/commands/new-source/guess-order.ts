import { sortInstant } from '../../../functions/extract/rows/coerce.ts';
import { valueAtPath } from '../../../schemas/json-text.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import { type NewTable, startOf } from './write-table.ts';

/** How the records of a sample are sorted by one field. `unknown`: it has fewer than two different times. */
type Sorting = 'newest' | 'oldest' | 'unsorted' | 'unknown';

/** Lines that declare by which fields the sample is sorted newest first, or what to find out where it is not. */
export function orderLines(table: NewTable, records: readonly JsonRecord[]): readonly string[] {
  const start = startOf(table);
  if (!start) return [];
  const times = table.columns.filter(({ type }) => type === 'timestamp');
  const isCreated = ({ name }: { readonly name: string }) => /creat/.test(name);
  const [first, others] = [times.filter((one) => one === start || isCreated(one)), times];
  const sorted = [first, others].map((columns) => columns.filter(({ path }) => sortingBy(path, records) === 'newest'));
  const found = sorted.find((columns) => columns.length > 0) ?? [];
  const fields = found.toSorted((one, other) => Number(other === start) - Number(one === start));
  if (fields.length > 0) return [`      order: [${fields.map(({ path }) => `'${path}'`).join(', ')}],`];
  const order = `order: ['${start.path}']`;
  const remedy = {
    newest: order,
    oldest: `The sample is sorted oldest first. If the vendor sorts on request, let ask request newest first, and declare ${order}.`,
    unsorted: `The sample is not sorted, so that each run reads the complete list. If the vendor sorts on request, declare ${order}.`,
    unknown: `Nothing shows how the list is sorted. If it is newest first, declare ${order}.`,
  };
  return [`      // ${remedy[sortingBy(start.path, records)]}`];
}

function sortingBy(path: string, records: readonly JsonRecord[]): Sorting {
  const times = records
    .map((record) => sortInstant(valueAtPath(record, path.split('.'))))
    .filter((time) => time !== undefined);
  const steps = times.slice(1).map((time, n) => Math.sign(time - (times[n] ?? time)));
  const [rises, falls] = [steps.includes(1), steps.includes(-1)];
  if (rises && falls) return 'unsorted';
  if (rises) return 'oldest';
  return falls ? 'newest' : 'unknown';
}
