import { expect, test } from 'vitest';
import { recountHeld, removeProven } from '../../../functions/extract/changes/hold-removals.ts';
import { extractStream } from '../../../functions/extract/extract-stream.ts';
import { HOUR_MS } from '../../../functions/time.ts';
import { UNIT_AT, unitRecord, unitSession } from '../../helpers/session.ts';
import { digestEntry } from '../../helpers/settled-digest.ts';

test.each([
  { says: 'is shown again', shown: ['gone'], isHeld: false },
  { says: 'is not', shown: ['a'], isHeld: true },
])(
  'a run says at its beginning that a removal is held, and holds it no more if the record $says',
  async ({ shown, isHeld }) => {
    const answer = () => ({ records: shown.map((id) => unitRecord(id)), more: false });
    const { session, ports } = await unitSession({ answer });
    const [since, scan] = [UNIT_AT - 9 * HOUR_MS, UNIT_AT - HOUR_MS];
    session.digest.set('gone', digestEntry('h', { missingSince: since, missingSinceClock: since }));
    session.progress.updateState({ held: { scan, clock: scan, count: 1, groups: [''] } });
    // A read of what is new alone, which proves nothing.
    session.progress.updateState({ order: 'at', sweptAt: UNIT_AT, sweepDueAt: UNIT_AT + 9 * HOUR_MS });
    await extractStream(session);
    expect(ports.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(session.progress.state().held !== undefined).toBe(isHeld);
  },
);

test('a candidate that the scan may have skipped is not held, and no confirmation marks it deleted', async () => {
  const answer = () => ({ records: [unitRecord('a')], more: false });
  const { session } = await unitSession({ answer });
  const [since, scan] = [UNIT_AT - 9 * HOUR_MS, UNIT_AT - HOUR_MS];
  const missing = { missingSince: since, missingSinceClock: since };
  session.digest.set('gone', digestEntry('h', missing));
  session.digest.set('skipped', digestEntry('h', { ...missing, mayBeSkipped: true }));
  session.progress.updateState({ held: { scan, clock: scan, count: 2, groups: [''] } });
  expect(await recountHeld(session)).toMatchObject({ count: 1 });
});

test('a candidate that the scan could not judge is not held with the others', async () => {
  const { session } = await unitSession({});
  const since = UNIT_AT - 9 * HOUR_MS;
  const names = Array.from({ length: 26 }, (_, n) => `gone-${n}`);
  for (const key of [...names, 'unjudged'])
    session.digest.set(key, digestEntry('h', { missingSince: since, missingSinceClock: since }));
  const scan = { startedAt: UNIT_AT - HOUR_MS, startedClock: UNIT_AT - HOUR_MS, missedClock: UNIT_AT };
  session.digest.set('shown', digestEntry('h'));
  await removeProven(session, new Map(names.map((key) => [key, ''])), scan);
  expect(session.progress.state().held).toMatchObject({ count: 26 });
  expect(await recountHeld(session)).toMatchObject({ count: 26 });
});

test.each([
  { says: 'are too many together', groups: ['', ''], held: { count: 1, groups: [''] } },
  { says: 'are too many of one group', groups: ['x', 'x'], others: 300, held: { count: 1, groups: ['x'] } },
  { says: 'are of two groups, and few of all', groups: ['x', 'y'], others: 300, held: undefined },
])('removals of two scans of one run that $says are held: $held.count', async ({ groups, others = 0, held }) => {
  const { session } = await unitSession({});
  const since = UNIT_AT - 9 * HOUR_MS;
  const add = (key: string, group: string, more: object = {}) =>
    session.digest.set(key, digestEntry('h', { ...more, ...(group !== '' && { group }) }));
  const missing = { missingSince: since, missingSinceClock: since };
  const names = Array.from({ length: 25 }, (_, n) => `gone-${n}`);
  for (const key of names) add(key, groups[0] ?? '', missing);
  add('gone-too', groups[1] ?? '', missing);
  for (const group of groups) for (let n = 0; n < 9; n += 1) add(`live-${group}-${n}`, group);
  for (let n = 0; n < others; n += 1) add(`other-${n}`, 'z');
  const scan = { startedAt: UNIT_AT - HOUR_MS, startedClock: UNIT_AT - HOUR_MS, missedClock: UNIT_AT };
  await removeProven(session, new Map(names.map((key) => [key, groups[0] ?? ''])), scan);
  expect(session.progress.state().held).toBeUndefined();
  await removeProven(session, new Map([['gone-too', groups[1] ?? '']]), scan);
  if (held) expect(session.progress.state().held).toMatchObject(held);
  else expect(session.progress.state().held).toBeUndefined();
  expect(session.digest.entries.get('gone-0')?.deletedAt).toBe(UNIT_AT);
});
