import { expect, test } from 'vitest';
import { commitStream } from '../../../../functions/extract/commit/commit-stream.ts';
import { DAY_MS, dayOf, HOUR_MS } from '../../../../functions/time.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { changeCalls, planOfAll, planRun, readLists } from '../../../helpers/following-world.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const callAt = (ms: number, contentHash = 'h') => ({ contentHash, partOn: dayOf(ms), firstSeenAt: ms, group: 'a' });

test('an agenda that is lost is made again over as many runs as it takes, while calls come and change', async () => {
  const store = memoryStore();
  const world = { store, users: ['a'] };
  const calls = Array.from({ length: 300 }, (_, n) => [`c${n}`, callAt(AT - n * HOUR_MS)] as const);
  await changeCalls({ ...world, at: AT }, new Map(calls), 6);
  const first = await planRun({ ...world, at: AT });
  await readLists(
    first.own,
    first.planned.map(({ id }) => id),
  );
  for (const key of store.objects.keys()) if (key.endsWith('.agenda.gz')) store.objects.delete(key);

  let runs = 0;
  let at = AT;
  for (let isMade = false; !isMade; runs += 1) {
    at += HOUR_MS;
    const changed = [`new${runs}`, callAt(at)] as const;
    const late = [`c${runs * 7}`, callAt(AT - runs * 7 * HOUR_MS, `h${runs}`)] as const;
    await changeCalls({ ...world, at }, new Map([changed, late]));
    const { session, own, planned } = await planRun({ ...world, at, hasTime: false });
    const { status } = session.progress;
    const { error, exitCode } = session.progress.result(status());
    isMade = exitCode === 0;
    if (!isMade)
      expect(error).toMatch(/^unit.lists: which lists are due is worked out again, for \d+ % of them so far: /);
    expect(planned.map(({ id }) => id)).toEqual(expect.arrayContaining([changed[0], late[0]]));
    if (runs % 2 === 0) await readLists(own, [changed[0], late[0]]);
    else await commitStream(session, status());
  }
  // A shard of 20 rows in each run.
  expect(runs).toBeGreaterThan(8);
  const run = await planRun({ ...world, at: at + DAY_MS });
  expect(run.planned).toEqual(await planOfAll({ ...world, at: at + DAY_MS }, run.session));
  expect(run.planned.length).toBeGreaterThan(100);
});
