import { newRejects } from '../../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../../functions/extract/rows/flatten.ts';
import { shownTexts } from '../../../functions/extract/rows/shown-texts.ts';
import { handedOf } from '../../../functions/source/details.ts';
import type { Partition } from '../../../functions/source/page.ts';
import type { KnownRecord, Stream } from '../../../functions/source/source.ts';
import type { RealAnswer } from './online-answers.ts';

/** Records of a stream, by key, as other streams know them. */
export type ShownRecords = ReadonlyMap<string, KnownRecord>;

/** The records that the first pages of a list have shown, so that lists and details of single records can be requested. */
export function shownRecords(stream: Stream, { id, context }: Partition, answers: readonly RealAnswer[]): ShownRecords {
  const group = stream.partitions && stream.kind !== 'details' ? { group: id } : {};
  const texts = shownTexts({ hashKey: 'key of a check, at least 32 characters', at: 0 });
  const flatten = compileFlatten(stream.tables, { rejects: newRejects(), stableKeys: new Map(), texts });
  const shown = new Map<string, KnownRecord>();
  for (const record of answers.flatMap(({ records }) => records)) {
    const row = flatten(record, context)?.row;
    const handed = row && handedOf(row);
    if (row) shown.set(row.key, { ...UNSTORED, ...group, ...(handed !== undefined && { handed }) });
  }
  return shown;
}

/** Nothing is stored of a record that a check has read. */
const UNSTORED = { contentHash: '', partOn: 0, firstSeenAt: 0 };
