import type { Siblings } from '../../functions/extract/session/sibling-records.ts';
import type { KnownRecord } from '../../functions/source/source.ts';

/** Streams that were read before, each with the same records, or with those that a function gives. */
export function siblingsWith(
  records: Iterable<readonly [string, KnownRecord]> | ((stream: string) => ReadonlyMap<string, KnownRecord>) = [],
  options: Siblings['options'] = {},
): Siblings {
  const recordsOf = typeof records === 'function' ? records : () => new Map(records);
  return {
    options,
    recordsOf,
    async loadRecords() {},
    knownStream: () => undefined,
    earliestDayOf(stream) {
      const days = [...recordsOf(stream).values()].map(({ partOn }) => partOn);
      return days.length === 0 ? undefined : Math.min(...days);
    },
  };
}
