import { expect, test } from 'vitest';
import { clinic, idsOf } from '../../helpers/clinic.ts';
import { solumCall, solumCalls } from '../../helpers/solum-server.ts';

test('a new call that moves to a page which an incremental read has passed, because one above it is removed, is not left for the next full scan', async () => {
  const calls = solumCalls(30);
  let isRemoving = false;
  const { run, ids } = await clinic(calls, {
    before: ({ query }) => {
      if (!isRemoving || query['page'] !== '2') return;
      isRemoving = false;
      calls.splice(2, 1);
    },
  });
  expect(await run(0)).toMatchObject({ exitCode: 0 });
  expect((await run(1)).asked).toBe(2);
  for (let n = 0; n < 9; n += 1) calls.unshift(solumCall(`new-${n}`, -60 - n));
  isRemoving = true;
  const { exitCode, asked } = await run(2);
  expect(exitCode).toBe(0);
  expect(await ids()).toEqual(expect.arrayContaining(idsOf(calls)));
  expect(asked).toBeLessThan(10);
  expect((await run(3)).asked).toBeLessThan(4);
});
