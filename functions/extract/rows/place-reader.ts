import { valueAtPath } from '../../../schemas/json-text.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { StreamSession } from '../session/session.ts';
import { sortInstant } from './coerce.ts';

/** Reads where a record is in its list: see `sortedAt` and `sortedBy` of a digest entry. */
export type PlaceOf = (record: unknown) => Pick<DigestEntry, 'sortedAt' | 'sortedBy'>;

/** A reader of the field that the list is sorted by, or of the first declared one while that is not known. */
export function placeReader({ stream, progress }: StreamSession): PlaceOf | undefined {
  if (stream.kind !== 'collection' || stream.tables[0].removal !== 'by-absence') return undefined;
  const known = stream.order.indexOf(progress.state().order ?? 'none');
  const path = stream.order[Math.max(0, known)]?.split('.');
  if (!path) return undefined;
  const sortedBy = known > 0 ? { sortedBy: known } : {};
  return (record) => {
    const sortedAt = sortInstant(valueAtPath(record, path));
    return sortedAt === undefined ? {} : { sortedAt, ...sortedBy };
  };
}
