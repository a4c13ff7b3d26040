import { describe, expect, test } from 'vitest';
import { SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { readDays } from '../../../../functions/extract/reads/read-days.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { carryOut } from '../../../helpers/carry-out.ts';
import { UNIT_AT, type UnitOptions, unitPartition } from '../../../helpers/session.ts';

const AT = UNIT_AT;
const stream = { kind: 'daily', historyFrom: [], tiers: [], pageSize: 0 } as Partial<Stream>;

async function read(plan: Partial<PlannedRead>, answer: UnitOptions['answer'] = () => ({ records: [] })) {
  const full: PlannedRead = { kind: 'days', partitions: ['x', 'y'].map(unitPartition), tiers: ['7d'], ...plan };
  const { digest, state, asked, windows } = await carryOut(readDays, full, { stream, answer });
  return { cursors: Object.fromEntries(digest.cursors), state, asked, windows };
}
const until = (to: number) => ({ window: { from: new Date(0), to: new Date(to) } });

describe('daily figures', () => {
  test('whose range ends with the run make every partition count as read', async () => {
    const { cursors, state, asked } = await read(until(AT));
    expect(cursors).toEqual({ x: { readAt: AT }, y: { readAt: AT } });
    expect(state.tiers).toEqual({ '7d': AT });
    // One answer is everything.
    expect(asked).toEqual(['x/1', 'y/1']);
  });

  test.each([
    { says: 'ends a millisecond before the run', plan: until(AT - 1), isRead: false },
    { says: 'ends after the run', plan: until(AT + 1), isRead: true },
    { says: 'has no end', plan: { window: { from: new Date(0) } }, isRead: true },
    { says: 'belongs to a backfill', plan: { ...until(AT), backfill: true }, isRead: false },
  ])('whose range $says make every partition count as read: $isRead', async ({ plan, isRead }) => {
    expect((await read(plan)).cursors).toEqual(isRead ? { x: { readAt: AT }, y: { readAt: AT } } : {});
  });

  test('of a partition that failed are read again', async () => {
    const { cursors, state } = await read(until(AT), ({ partition }) =>
      partition === 'x' ? new SourceUnavailableError('down') : { records: [] },
    );
    expect(cursors).toEqual({ y: { readAt: AT } });
    expect(state.tiers).toEqual({});
  });

  test('are requested with the range of the plan', async () => {
    expect((await read(until(AT))).windows).toEqual(['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z']);
  });
});
