import { describe, expect, test } from 'vitest';
import { AT, clinic, HOUR_MS, idsOf, SOLUM_ID, withPagination } from '../../../helpers/clinic.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { solumCall, solumCalls } from '../../../helpers/solum-server.ts';

describe('a total', () => {
  test.each([
    { says: 'that is always one too high', off: 1, exitCode: 4, requests: 16 },
    { says: 'that is one too low', off: -1, exitCode: 0, requests: 3 },
    { says: 'that is right', off: 0, exitCode: 0, requests: 3 },
  ])('$says gives exit code $exitCode after $requests requests', async ({ off, exitCode, requests }) => {
    const calls = solumCalls(12);
    const { run, ids, last } = await clinic(calls, {
      bend: (page) => withPagination(page, { total: calls.length + off }),
    });
    const result = await run(0);
    expect(result).toMatchObject({ exitCode, asked: requests });
    if (exitCode === 4)
      expect(result.streams[0]?.error).toBe(
        "solum.calls: /v1/calls: partition all has fewer records than its total (4 readings of 3 pages showed 12 records, the vendor's total is 13); " +
          'what was shown is kept. The next run tries again; if that persists, ask the vendor which of the two is right',
      );
    expect(await ids()).toEqual(idsOf(calls));
    // A sweep that does not meet the total proves nothing, and is due again soon.
    expect(Number(await last().then((commit) => commit?.state['sweepDueAt'])) - AT).toBe(
      (off === 0 ? 72 : 6) * HOUR_MS,
    );
  });

  test.each(['total', 'page'])(
    'that may be a phone number, as %s, is in no message, log, commit or table',
    async (field) => {
      const calls = solumCalls(12);
      const number = 15_551_234_567;
      const { run, store } = await clinic(calls, { bend: (page) => withPagination(page, { [field]: number }) });
      const result = await run(0);
      expect(result.exitCode).toBe(4);
      expect(result.streams[0]?.error).toMatch(field === 'total' ? /total is implausibly great/ : /says another page/);
      const commits = JSON.stringify(await commitsOf(store, SOLUM_ID));
      expect(JSON.stringify([result, result.ports.lines]) + commits).not.toContain(String(number));
    },
  );

  test.each([
    {
      says: 'two records of one id on a page',
      calls: [...solumCalls(6), solumCall('6', 5 * 60, { status: 'done' })],
      size: 10,
    },
    {
      says: 'a record without an id',
      calls: [...solumCalls(6), { ...solumCall('x', 400), id: null as unknown as string }],
      size: 5,
    },
  ])('includes $says', async ({ calls, size }) => {
    const { run, rows, last } = await clinic(calls, {}, size);
    expect(await run(0)).toMatchObject({ exitCode: 0, asked: Math.ceil(7 / size) });
    expect(await rows().then((found) => found.size)).toBe(6);
    expect((await last())?.scans).toHaveLength(1);
  });

  test('that changes counts as drift: it is not an error and yields no deletion candidates', async () => {
    const calls = solumCalls(12);
    let arrivals = 0;
    const server = await clinic(calls, {
      before: ({ query }) => {
        if (query['page'] !== '1' && arrivals < 40) calls.unshift(solumCall(`new-${arrivals++}`, -arrivals));
      },
    });
    expect((await server.run(0)).exitCode).toBe(0);
    expect((await server.last())?.scans.every(({ drift }) => drift)).toBe(true);
    expect(Number((await server.last())?.state['sweepDueAt']) - AT).toBe(6 * HOUR_MS);
    arrivals = 40;
    await server.run(7);
    expect(await server.ids()).toEqual(idsOf(calls));
  });

  test('that falls during a reading causes another reading, because a record may have moved to a page already read', async () => {
    const calls = solumCalls(12);
    let removed = false;
    const server = await clinic(calls, {
      before: ({ query }) => {
        if (query['page'] === '2' && !removed) {
          removed = true;
          calls.splice(0, 1);
        }
      },
    });
    expect(await server.run(0)).toMatchObject({ exitCode: 0, asked: 6 });
    expect(await server.ids()).toEqual(idsOf(solumCalls(12)));
  });

  test('that counts only the page does not stop the read', async () => {
    const calls = solumCalls(12);
    const { run, ids } = await clinic(calls, { bend: (page) => withPagination(page, { total: page.data.length }) });
    expect((await run(0)).exitCode).toBe(0);
    expect(await ids()).toEqual(idsOf(calls));
  });
});
