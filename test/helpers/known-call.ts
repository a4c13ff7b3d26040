import type { DigestEntry } from '../../functions/lake/digest/digest-entry.ts';

/** What a digest knows of a call of clinician 101. @param day `_part_on` @param firstSeenAt ms */
export const knownCall = (day: number, firstSeenAt: number, more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash: 'h',
  partOn: day,
  firstSeenAt,
  group: '101',
  ...more,
});
