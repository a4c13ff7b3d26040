import type { Ownership } from '../../source/source.ts';
import type { ScanPage } from '../pages/read-partition.ts';
import type { Read } from '../reads/read.ts';
import type { StreamSession } from '../session/session.ts';
import type { FlatRecord } from './flatten.ts';

/** A flat record and the partition, or group of partitions, that it belongs to. */
export interface OwnedRecord extends FlatRecord {
  readonly group: string | undefined;
}

/** Flattens the records of a page that have a key. The others are counted in the session's rejects. */
export function flattenPage(session: StreamSession, read: Read, page: ScanPage): readonly OwnedRecord[] {
  const { stream, flatten } = session;
  const { partition } = page;
  const flat: OwnedRecord[] = [];
  for (const [n, record] of page.records.entries()) {
    const key = page.keys[n];
    const owner = key !== undefined ? ownerOf(session, read, page.partition.id, key) : undefined;
    const row = flatten(record, owner?.context ? { ...partition.context, ...owner.context } : partition.context);
    const group = owner ? owner.group : stream.partitions ? partition.id : undefined;
    if (row) flat.push({ ...row, group });
  }
  return flat;
}

/** Several partitions may show the same record; the source decides where it belongs. Undefined if it does not say. */
function ownerOf(session: StreamSession, read: Read, partition: string, key: string): Ownership | undefined {
  const { stream, digest } = session;
  if (stream.kind !== 'collection' || !stream.assignOwner) return undefined;
  const earlier = read.sightings.of(key).filter((id) => id !== partition);
  const known = digest.entries.get(key)?.group;
  const owner = stream.assignOwner({ partition, earlier, known, sweep: read.provesAbsence() });
  read.sightings.add(key, partition);
  if (owner.warning) session.warnOnce(owner.warning);
  return owner;
}
