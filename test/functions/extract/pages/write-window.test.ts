import { expect, test } from 'vitest';
import { writeWindow } from '../../../../functions/extract/pages/write-window.ts';
import type { WindowRule } from '../../../../functions/source/source.ts';

const WINDOW = { from: new Date('2026-11-01T09:00:00.250Z'), to: new Date('2026-11-02T09:00:00.999Z') };

test.each<[Omit<WindowRule, 'by'>, from: unknown, to: unknown]>([
  [{ as: 'iso' }, '2026-11-01T09:00:00.250Z', '2026-11-02T09:00:00.999Z'],
  [{ as: 'iso-offset' }, '2026-11-01T09:00:00+00:00', '2026-11-02T09:00:00+00:00'],
  [{ as: 'iso-seconds' }, '2026-11-01T09:00:00Z', '2026-11-02T09:00:00Z'],
  [{ as: 'day' }, '2026-11-01', '2026-11-02'],
  [{ as: 'day', end: 'excluded' }, '2026-11-01', '2026-11-03'],
  [{ as: 'seconds' }, 1_793_523_600, 1_793_610_000],
  [{ as: 'millis' }, 1_793_523_600_250, 1_793_610_000_999],
])('a window as %j is from %s to %s', (rule, from, to) => {
  expect(writeWindow(WINDOW, { by: 'started_at', ...rule })).toEqual({ from, to });
  expect(writeWindow({ from: WINDOW.from }, { by: 'started_at', ...rule })).toEqual({ from, to: undefined });
});
