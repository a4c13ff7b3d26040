import { describe, expect, test } from 'vitest';
import { type DueRowContext, dueAt, listToKeep, settledDueAt } from '../../../../functions/extract/follow/due-rows.ts';
import type { PartitionCursor } from '../../../../functions/lake/digest/digest-entry.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import type { KnownRecord, PerParentStream } from '../../../../functions/source/source.ts';
import kismet from '../../../../functions/sources/kismet.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../../../functions/time.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

const AT = Date.parse('2026-11-21T09:00:00Z');
const logs = kismet.streams['call_audit_logs'] as PerParentStream;
const details = postbox.streams['call_details'] as unknown as PerParentStream;
const born = AT - 30 * HOUR_MS;
const parent: KnownRecord = digestEntry('h', { partOn: dayOf(AT), firstSeenAt: born });
/** Read at the age of 24 hours: due at the age of seven days. */
const read: PartitionCursor = { readAt: born + 24 * HOUR_MS, parentHash: 'h' };
const next = born + 7 * DAY_MS;

function contextOf(cursor: PartitionCursor | undefined, more: object = {}): DueRowContext {
  const digest = newDigest();
  if (cursor) digest.setCursor('a', cursor);
  const progress = { state: () => ({ tiers: {}, redact: [] }) };
  return {
    session: { digest, progress, at: AT },
    stream: logs,
    agenda: { head: () => ({ at: AT }) },
    ...more,
  } as never;
}

describe('the instant of a settled row', () => {
  test('is the one that was noted when the list was read, though its record has changed since', () => {
    const context = contextOf(read);
    expect(dueAt(context, 'a', parent)).toBe(next);
    const changed = { ...parent, contentHash: 'new' };
    expect(dueAt(context, 'a', changed)).toBe(born);
    expect(settledDueAt(context, 'a', changed)).toBe(next);
  });

  test.each([
    { says: 'was never read', cursor: undefined },
    { says: 'was read without knowing its record', cursor: { readAt: AT } },
  ])('is unknown of a list that $says', ({ cursor }) => {
    expect(settledDueAt(contextOf(cursor), 'a', parent)).toBeUndefined();
  });

  test('is as a run ahead of the clock has noted it', () => {
    // Read far ahead of this run: it would count as lost now, but did not then.
    const ahead = { readAt: AT + 5 * DAY_MS, parentHash: 'h' };
    const agenda = { head: () => ({ at: AT + 5 * DAY_MS }) };
    expect(dueAt(contextOf(ahead), 'a', parent)).toBe(born);
    expect(settledDueAt(contextOf(ahead, { agenda }), 'a', parent)).toBe(next);
  });
});

describe('what the next plan of a list is made from', () => {
  const kept = (due: number | undefined, more: Partial<KnownRecord> = {}, cursor: PartitionCursor = read) =>
    listToKeep(contextOf(cursor), { name: 'a', parent: { ...parent, ...more }, due });

  test('is kept of one that is due later', () => {
    expect(kept(AT + 1)).toBeDefined();
  });

  test.each([
    { says: 'is due now', list: () => kept(AT) },
    { says: 'is never due', list: () => kept(undefined) },
    { says: 'has a record that changed since', list: () => kept(AT + 1, { contentHash: 'new' }) },
    { says: 'was never read', list: () => kept(AT + 1, {}, { readAt: AT }) },
    { says: 'has a record that hands values on', list: () => kept(AT + 1, { handed: 'value' } as never) },
    {
      says: 'has the details of one record',
      list: () => listToKeep(contextOf(read, { stream: details }), { name: 'a', parent, due: AT + 1 }),
    },
  ])('is not kept of one that $says', ({ list }) => {
    expect(list()).toBeUndefined();
  });
});
