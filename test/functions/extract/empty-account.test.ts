import { expect, test } from 'vitest';
import { clinic, idsOf } from '../../helpers/clinic.ts';
import { type SolumCall, solumCalls } from '../../helpers/solum-server.ts';

test('calls that an empty account gets for earlier months are read by the next run', async () => {
  const calls: SolumCall[] = [];
  const { run, ids } = await clinic(calls);
  expect((await run(0)).asked).toBe(1);
  expect((await run(1)).asked).toBe(1);
  calls.push(...solumCalls(13, 24 * 60));
  expect(await run(2)).toMatchObject({ exitCode: 0, asked: 3 });
  expect(await ids()).toEqual(idsOf(calls));
});

test('an account without a call since the start of history is not read completely by each run', async () => {
  const { run, ids } = await clinic(solumCalls(14, 24 * 60).slice(1));
  const settings = { historyStart: '2026-11-01' };
  expect((await run(0, settings)).asked).toBe(3);
  expect((await run(1, settings)).asked).toBe(1);
  expect(await ids()).toEqual([]);
});
