import type { ScanPage } from '../pages/read-partition.ts';
import type { Read } from '../reads/read.ts';
import type { OwnedRecord } from '../rows/flatten-page.ts';
import type { StreamSession } from '../session/session.ts';
import type { Changes } from './diff.ts';
import { sweepStartDay } from './mark-deleted.ts';

/** Compares the records of a page with the digest. */
export function diffPage(session: StreamSession, read: Read, page: ScanPage, records: readonly OwnedRecord[]): Changes {
  const { diff, progress } = session;
  const scannedFrom = read.provesAbsence() ? (sweepStartDay(session) ?? null) : undefined;
  const changes = diff.compare(records, scannedFrom);
  progress.addRecords(page.records.length);
  if (changes.optedOutLater.length > 0) {
    const redact = [...progress.state().redact, ...changes.optedOutLater];
    progress.updateState({ redact, redactedTo: undefined });
  }
  return changes;
}
