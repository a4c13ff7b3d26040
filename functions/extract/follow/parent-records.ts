import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { RowsUpTo } from '../../lake/digest/settled-rows.ts';
import type { Digest } from '../../lake/digest.ts';
import type { KnownRecord } from '../../source/source.ts';
import { recordOf } from '../session/sibling-records.ts';

/** Records that are looked up at once. */
const AT_ONCE = 4096;

/**
 * Records of a parent stream, some at a time.
 * @param names those to read; a name without a record is left out @default all
 */
export async function* parentRecords(
  { entries, release }: Pick<Digest, 'entries' | 'release'>,
  names?: readonly string[],
): AsyncGenerator<ReadonlyMap<string, KnownRecord>> {
  if (names === undefined) {
    for await (const batch of entries.batches()) yield new Map(batch.map(([key, entry]) => [key, recordOf(entry)]));
    return;
  }
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    await entries.load(some);
    const found = some.flatMap((name) => {
      const entry = entries.get(name);
      return entry ? [[name, recordOf(entry)] as const] : [];
    });
    yield new Map(found);
    release();
  }
}

/** Some records. All settled records up to the hash `upTo` were given by then. */
export interface RecordsUpTo extends Pick<RowsUpTo<DigestEntry>, 'upTo'> {
  readonly records: ReadonlyMap<string, KnownRecord>;
}

/** All records of a parent stream, some at a time. @param from the hash to continue with @default the first record */
export async function* parentRecordsFrom(
  { entries }: Pick<Digest, 'entries'>,
  from?: number,
): AsyncGenerator<RecordsUpTo> {
  for await (const { rows, upTo } of entries.parts(from))
    yield { records: new Map(rows.map(([key, entry]) => [key, recordOf(entry)])), upTo };
}
