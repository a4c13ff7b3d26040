import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AlreadyRunningError } from '../../../functions/errors.ts';
import type { Store } from '../../../functions/ports.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { text } from '../../../schemas/column.ts';
import { makeHome } from '../../helpers/home.ts';
import { Killed, killingStore } from '../../helpers/killing-store.ts';
import { call } from '../../helpers/opted-out.ts';
import { replayWorld } from '../../helpers/replay-world.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../helpers/zudu-server.ts';

test('a replay that is killed at any write or delete is completed by the next one', {
  timeout: 120_000,
}, async () => {
  const calls: ZuduCall[] = [call('kept', false), call('later', false)];
  const { url } = await zuduServer(calls);
  const folder = join(await temporaryFolder(), 'data');
  const home = makeHome(folder, { env: { ...ZUDU_ENV, ZUDU_BASE_URL: url }, sources: ['zudu'] });
  await home.run(new Date('2026-11-01T09:00:00Z'));
  calls[1] = call('later', true);
  await home.run(new Date('2026-11-01T15:00:00Z'));
  const zudu = await findSource('zudu');
  const [table] = zudu.streams['calls']?.tables ?? [];
  if (!table) throw new Error('zudu has no calls');
  const again = {
    ...table,
    columns: { ...table.columns, again: text({ path: 'transcript', doc: 'The same again.' }) },
  };
  const added = { ...zudu, streams: { calls: { ...zudu.streams['calls'], tables: [again] } } } as typeof zudu;
  const world = replayWorld(folder, [added]);
  await cp(folder, `${folder}.before`, { recursive: true });
  const whole = killingStore(world.store);
  await world.replay([added], whole.store);
  const [rows, known] = [await world.rows(), await world.known()];
  expect(JSON.stringify(rows)).toContain('again=Hello kept-nowhere');
  const own = whole.effects.flatMap((name, n) => (name.includes(' leases/') ? [] : [n + 1]));
  for (const effect of [...own, whole.effects.length]) {
    await rm(folder, { recursive: true });
    await cp(`${folder}.before`, folder, { recursive: true });
    const { store } = killingStore(world.store, { effect, when: 'before' });
    await expect(world.replay([added], store), whole.effects[effect - 1]).rejects.toThrow(Killed);
    expect(await world.replay()).toMatchObject({ exitCode: 0 });
    expect([await world.rows(), await world.known()], whole.effects[effect - 1]).toEqual([rows, known]);
  }
});

test('a replay whose load finds that another process has taken over does not say that it is complete', async () => {
  const { url } = await zuduServer([call('kept', false)]);
  const folder = join(await temporaryFolder(), 'data');
  const home = makeHome(folder, { env: { ...ZUDU_ENV, ZUDU_BASE_URL: url }, sources: ['zudu'] });
  await home.run(new Date('2026-11-01T09:00:00Z'));
  const zudu = await findSource('zudu');
  const world = replayWorld(folder, [zudu]);
  const rows = await world.rows();
  let written = 0;
  const store: Store = {
    ...world.store,
    async put(key, ...given) {
      const isProgress = key.startsWith('progress/');
      if (isProgress) written += 1;
      if (isProgress && written === 2) throw new AlreadyRunningError('taken over');
      return world.store.put(key, ...given);
    },
  };
  await expect(world.replay([zudu], store)).rejects.toThrow('run this again: it is not complete');
  expect(await world.replay()).toMatchObject({ exitCode: 0 });
  expect(await world.rows()).toEqual(rows);
});
