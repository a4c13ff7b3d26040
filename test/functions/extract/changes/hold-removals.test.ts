import { describe, expect, test } from 'vitest';
import { readLastCommit, readState } from '../../../../functions/lake/commit-log.ts';
import { confirmRemovals } from '../../../../functions/lake/removal-confirmation.ts';
import type { HeldRemovals } from '../../../../functions/lake/stream-state.ts';
import { DAY_MS, HOUR_MS } from '../../../../functions/time.ts';
import { AT, clinic, SOLUM_ID } from '../../../helpers/clinic.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { solumCalls } from '../../../helpers/solum-server.ts';

const SWEEP = 72;

/** A clinic of so many calls, swept, that then loses some, and is swept twice more. */
async function afterLoss(count: number, lost: number) {
  const calls = solumCalls(count);
  const place = await clinic(calls, {}, 50);
  await place.run(0);
  const gone = calls.splice(0, lost);
  await place.run(SWEEP);
  const concluding = await place.run(SWEEP + 1);
  const deleted = async () => [...(await place.rows()).values()].filter((row) => row['_deleted_at'] !== null).length;
  const held = async (): Promise<HeldRemovals | undefined> => {
    const last = await readLastCommit(place.store, SOLUM_ID);
    return readState(last, SOLUM_ID).held;
  };
  const confirm = async (more: Partial<HeldRemovals> = {}, now = AT) => {
    const is = await held();
    if (!is) throw new Error('nothing is held');
    await confirmRemovals(place.store, SOLUM_ID, { ...is, ...more }, now);
  };
  return { ...place, calls, gone, concluding, deleted, held, confirm };
}

describe('removals at once', () => {
  test.each([
    { count: 4, lost: 4, isHeld: false },
    { count: 5, lost: 5, isHeld: true },
    { count: 5, lost: 4, isHeld: false },
    { count: 100, lost: 25, isHeld: false },
    { count: 100, lost: 26, isHeld: true },
    { count: 300, lost: 30, isHeld: false },
    { count: 300, lost: 31, isHeld: true },
  ])('of $lost of $count calls are held: $isHeld', async ({ count, lost, isHeld }) => {
    const { deleted, held, concluding } = await afterLoss(count, lost);
    expect(concluding.exitCode).toBe(isHeld ? 4 : 0);
    expect(await deleted()).toBe(isHeld ? 0 : lost);
    expect((await held())?.count).toBe(isHeld ? lost : undefined);
  });

  test('are told by the run that finds them, with the command that confirms them', async () => {
    const { concluding } = await afterLoss(30, 30);
    expect(concluding.streams[0]?.error).toBe(
      'solum.calls: 30 records are missing from two complete scans, the last one of 2026-11-04T10:00:00.000Z; they are kept, ' +
        'because a list that loses so many at once may be wrong. If they are gone, run: callhouse confirm-removals solum.calls',
    );
  });
});

describe('held removals', () => {
  test('are told in one line by later runs, which end with 0', async () => {
    const { run, deleted } = await afterLoss(30, 30);
    const { exitCode, ports } = await run(SWEEP + 2);
    expect(exitCode).toBe(0);
    const warnings = ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([expect.stringContaining('30 records are missing from two complete scans')]);
    expect(await deleted()).toBe(0);
  });

  test('do not fail a later scan that finds the same', async () => {
    const { run, held } = await afterLoss(30, 30);
    const before = await held();
    expect((await run(2 * SWEEP + 2)).exitCode).toBe(0);
    expect(await held()).toEqual(before);
  });

  test('are marked by the next run after a confirmation, which is used up', async () => {
    const { run, confirm, deleted, held, store } = await afterLoss(30, 28);
    await confirm();
    expect(await run(SWEEP + 2)).toMatchObject({ exitCode: 0, totals: { deleted: 28 } });
    expect(await deleted()).toBe(28);
    expect(await held()).toBeUndefined();
    const keys: string[] = [];
    for await (const key of store.list('confirmations/')) keys.push(key);
    expect(keys).toEqual([]);
    expect(await run(2 * SWEEP + 2)).toMatchObject({ exitCode: 0, totals: { deleted: 0 } });
  });

  test.each([
    { says: 'of another scan', more: { scan: 1 } },
    { says: 'of another count', more: { count: 29 } },
    { says: 'older than seven days', now: AT - 7 * DAY_MS - 1 },
  ])('are not marked by a confirmation $says', async ({ more = {}, now }) => {
    const { run, confirm, deleted } = await afterLoss(30, 28);
    await confirm(more, now);
    await run(SWEEP + 2);
    expect(await deleted()).toBe(0);
  });

  test('are forgotten if the list shows the records again', async () => {
    const { run, calls, gone, held, deleted } = await afterLoss(30, 30);
    calls.unshift(...gone);
    await run(2 * SWEEP + 2);
    await run(2 * SWEEP + 3);
    expect(await held()).toBeUndefined();
    expect(await deleted()).toBe(0);
  });

  test('do not count a record that an incremental read shows again, from the commit of that run on', async () => {
    const { run, calls, gone, held, confirm } = await afterLoss(100, 60);
    const before = await held();
    calls.unshift({ ...gone[0], id: '1', started_at: new Date(AT + (SWEEP + 2) * HOUR_MS - 60_000).toISOString() });
    expect(await run(SWEEP + 2)).toMatchObject({ exitCode: 0, streams: [{ heldRemovals: 59 }] });
    expect(await held()).toEqual({ ...before, count: 59 });
    await confirm();
    expect(await run(SWEEP + 3)).toMatchObject({ totals: { deleted: 59 }, streams: [{ heldRemovals: 0 }] });
  });

  test('are counted anew if the list shows some of them again, and then need a confirmation of their own', async () => {
    const { run, calls, gone, held, confirm, deleted } = await afterLoss(100, 60);
    const before = await held();
    calls.unshift(...gone.slice(0, 20));
    // Only the run whose scan found them ends with 4.
    for (const hours of [2 * SWEEP + 2, 2 * SWEEP + 3]) expect((await run(hours)).exitCode).toBe(0);
    expect(await held()).toEqual({ ...before, count: 40 });
    await confirm({ count: 60 });
    const { ports } = await run(2 * SWEEP + 4);
    expect(await deleted()).toBe(0);
    expect(ports.lines.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /^40 records are missing .* does not count, because it names another number .* confirm again$/,
      ),
    );
    await confirm();
    await run(2 * SWEEP + 5);
    expect(await deleted()).toBe(40);
  });

  test('that come back after the confirmation are live again after the same run', async () => {
    const { run, calls, gone, confirm, deleted } = await afterLoss(100, 60);
    await confirm();
    calls.unshift(...gone.slice(0, 20));
    await run(2 * SWEEP + 2);
    expect(await deleted()).toBe(40);
  });

  test('are marked if so few are left after some came back that no brake holds them', async () => {
    const { run, calls, gone, held, deleted } = await afterLoss(100, 60);
    calls.unshift(...gone.slice(0, 40));
    for (const hours of [2 * SWEEP + 2, 2 * SWEEP + 3]) expect((await run(hours)).exitCode).toBe(0);
    expect(await held()).toBeUndefined();
    expect(await deleted()).toBe(20);
  });

  test('are counted in each commit, so that a run that is killed after any leaves a number that can be confirmed', async () => {
    const { run, calls, gone, store } = await afterLoss(100, 60);
    calls.unshift(...gone.slice(0, 20));
    const before = (await commitsOf(store, SOLUM_ID)).length;
    await run(2 * SWEEP + 2, { tuning: { commitEveryMs: 0 } });
    const commits = (await commitsOf(store, SOLUM_ID)).slice(before);
    expect(commits.length).toBeGreaterThan(1);
    // The first page shows the calls that came back.
    for (const { state } of commits) expect(state['held']).toMatchObject({ count: 40 });
  });

  test('of a greater number are held anew, and the run says so', async () => {
    const { run, calls, held } = await afterLoss(100, 40);
    const before = await held();
    calls.splice(0, 10);
    await run(2 * SWEEP + 2);
    const { exitCode } = await run(2 * SWEEP + 3);
    expect(exitCode).toBe(4);
    expect(await held()).toMatchObject({ count: 50 });
    expect((await held())?.scan).not.toBe(before?.scan);
  });
});
