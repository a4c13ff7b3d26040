import { valueAtPath } from '../../../schemas/json-text.ts';
import type { Stream } from '../../source/source.ts';
import { sortInstant } from './coerce.ts';

/** Where a record is in its list; see the fields of a digest entry with these names. */
export interface RecordPlace {
  readonly sortedAt?: number | undefined;
  readonly sortedBy?: number | undefined;
}

/** Reads where a record is in its list. */
export type PlaceOf = (record: unknown) => RecordPlace;

/** A reader of the field that the list is sorted by, or of the first declared one. @param order that field, or `none`, if it is known */
export function placeReader(stream: Stream, order = 'none'): PlaceOf | undefined {
  if (stream.kind !== 'collection' || stream.tables[0].removal !== 'by-absence') return undefined;
  const known = stream.order.indexOf(order);
  const path = stream.order[Math.max(0, known)]?.split('.');
  if (!path) return undefined;
  const sortedBy = known > 0 ? { sortedBy: known } : {};
  return (record) => {
    const sortedAt = sortInstant(valueAtPath(record, path));
    return sortedAt === undefined ? {} : { sortedAt, ...sortedBy };
  };
}
