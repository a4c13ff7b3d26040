import { describe, expect, test } from 'vitest';
import { dataState } from '../../../functions/report/state.ts';

const AT = new Date('2026-06-19T14:00:00Z');
const read = (stream: string, hoursAgo: number | null, lastStatus = 'ok') => ({
  ...{ source: 'kalem', account: 'default', stream, lastStatus },
  through: hoursAgo === null ? null : new Date(AT.getTime() - hoursAgo * 3_600_000),
});
const state = (...streams: ReturnType<typeof read>[]) => dataState(streams, { at: AT, staleAfterMs: 3 * 3_600_000 });

describe('the state of the data', () => {
  test.each([
    [3, 'good', 'up to date'],
    [3.1, 'late', '3 hours behind'],
    [27, 'late', '27 hours behind'],
    [50, 'bad', '2 days behind'],
    [null, 'bad', 'never read'],
  ] as const)('read %s hours ago', (hours, tone, text) => {
    expect(state(read('calls', hours)).accounts).toMatchObject([{ tone, text }]);
  });

  test('is that of the stream that is furthest behind', () => {
    const { tone, accounts } = state(read('calls', 1), read('audit_logs', 9, 'failed'), read('users', 2));
    expect(tone).toBe('late');
    expect(accounts).toMatchObject([{ streams: 3, behind: ['audit_logs'], isFailing: true, text: '9 hours behind' }]);
  });

  test('is that of the worst account, and good without any', () => {
    expect(state(read('calls', 1), { ...read('calls', null), account: 'north' }).tone).toBe('bad');
    expect(state()).toEqual({ tone: 'good', accounts: [] });
  });
});
