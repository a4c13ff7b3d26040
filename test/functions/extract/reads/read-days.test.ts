import { describe, expect, test } from 'vitest';
import { NotFoundError, SourceUnavailableError } from '../../../../functions/errors.ts';
import type { PlannedRead } from '../../../../functions/extract/plan/plan.ts';
import { readDays } from '../../../../functions/extract/reads/read-days.ts';
import type { PartitionCursor } from '../../../../functions/lake/digest/digest-entry.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { carryOut } from '../../../helpers/carry-out.ts';
import { UNIT_AT, type UnitOptions, unitPartition, unitRecord } from '../../../helpers/session.ts';

const AT = UNIT_AT;
const stream = { kind: 'daily', historyFrom: [], tiers: [], pageSize: 0 } as Partial<Stream>;

async function read(
  plan: Partial<PlannedRead>,
  answer: UnitOptions['answer'] = () => ({ records: [] }),
  cursors: Readonly<Record<string, PartitionCursor>> = {},
) {
  const full: PlannedRead = { kind: 'days', partitions: ['x', 'y'].map(unitPartition), tiers: ['7d'], ...plan };
  const { digest, state, asked, windows } = await carryOut(readDays, full, { stream, answer, cursors });
  const all = [...digest.cursors.recent];
  const read = Object.fromEntries(all.map(([id, { empty: _empty, ...cursor }]) => [id, cursor]));
  const empty = Object.fromEntries(all.map(([id, cursor]) => [id, cursor.empty]));
  return { cursors: read, empty, state, asked, windows };
}
const until = (to: number) => ({ window: { from: new Date(0), to: new Date(to) } });

const READ = { x: { readAt: AT, readFrom: 0 }, y: { readAt: AT, readFrom: 0 } };

describe('daily figures', () => {
  test('whose range ends with the run make every partition count as read', async () => {
    const { cursors, state, asked } = await read(until(AT));
    expect(cursors).toEqual(READ);
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
    expect((await read(plan)).cursors).toEqual(isRead ? READ : {});
  });

  test('of a partition that failed are read again', async () => {
    const { cursors, state } = await read(until(AT), ({ partition }) =>
      partition === 'x' ? new SourceUnavailableError('down') : { records: [] },
    );
    expect(cursors).toEqual({ y: READ.y });
    expect(state.tiers).toEqual({});
  });

  test('are requested with the range of the plan', async () => {
    expect((await read(until(AT))).windows).toEqual(['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z']);
  });

  describe('with the first day that was read', () => {
    const TODAY = Math.floor(AT / DAY_MS);
    const range = (from: number, to: number) => ({
      partitions: [unitPartition('x')],
      window: { from: new Date(AT - from * DAY_MS), to: new Date(AT - to * DAY_MS) },
    });
    const x = (back: number, ago = 0): Readonly<Record<string, PartitionCursor>> => ({
      x: { readAt: AT - ago * DAY_MS, readFrom: TODAY - back },
    });
    test.each([
      { says: 'keeps it after a shorter read', plan: range(7, 0), before: x(90), after: x(90) },
      { says: 'moves it back after a longer read', plan: range(45, 0), before: x(7), after: x(45) },
      { says: 'moves it back after an older range', plan: range(90, 46), before: x(45, 1), after: x(90, 1) },
      { says: 'keeps it if the last read was on its first day', plan: range(7, 0), before: x(90, 7), after: x(90) },
      {
        says: 'forgets it if the last read was on the day before, which was not over',
        plan: range(7, 0),
        before: x(90, 8),
        after: x(7),
      },
    ])('$says', async ({ plan, before, after }) => {
      expect((await read(plan, undefined, before)).cursors).toEqual(after);
    });

    describe('that showed none', () => {
      const empty = (from: number, to: number, ago = 0) => ({
        empty: { from: TODAY - from, to: TODAY - to, readAt: AT - ago * DAY_MS },
      });
      const noted = async (plan: Partial<PlannedRead>, before: object, answer?: UnitOptions['answer']) => {
        const cursor = { readAt: AT, readFrom: TODAY - 45, ...before };
        return (await read(plan, answer, { x: cursor })).empty;
      };

      test.each([
        { says: 'in days that were not read before', plan: range(90, 46), before: {}, after: empty(90, 46) },
        { says: 'beside others', plan: range(90, 46), before: empty(30, 0, 2), after: empty(90, 0) },
        { says: 'in days that were read before', plan: range(45, 0), before: {}, after: {} },
        { says: 'again', plan: { ...range(90, 0), isSecondLook: true }, before: empty(90, 0, 2), after: {} },
        {
          says: 'again in the later half of them',
          plan: { ...range(45, 0), isSecondLook: true },
          before: empty(90, 0, 2),
          after: empty(90, 46, 2),
        },
      ])('$says', async ({ plan, before, after }) => {
        expect(await noted(plan, before)).toEqual({ x: 'empty' in after ? after.empty : undefined });
      });

      test('are not noted if figures are shown', async () => {
        const records = [unitRecord('a')];
        expect(await noted(range(90, 46), {}, () => ({ records }))).toEqual({ x: undefined });
        expect(await noted(range(7, 0), empty(90, 46), () => ({ records }))).toEqual({ x: empty(90, 46).empty });
      });

      test('stay noted if the second look fails', async () => {
        const plan = { ...range(90, 0), isSecondLook: true };
        const down = () => new SourceUnavailableError('down');
        expect(await noted(plan, empty(90, 0, 2), down)).toEqual({ x: empty(90, 0, 2).empty });
      });
    });

    test('do not request an older range that would leave days out', async () => {
      const { cursors, asked } = await read(range(90, 47), undefined, x(45));
      expect({ cursors, asked }).toEqual({ cursors: x(45), asked: [] });
    });

    test('do not count as read if the vendor has none (404)', async () => {
      const more = { ...stream, skipMissingPartition: true };
      const missing = async (cursors: Readonly<Record<string, PartitionCursor>>) => {
        const plan: PlannedRead = { kind: 'days', tiers: [], ...range(45, 0) };
        const answer = () => new NotFoundError('gone');
        return Object.fromEntries(
          (await carryOut(readDays, plan, { stream: more, answer, cursors })).digest.cursors.recent,
        );
      };
      expect(await missing({})).toEqual({ x: { readAt: AT } });
      expect(await missing(x(90, 2))).toEqual(x(90, 2));
    });
  });
});
