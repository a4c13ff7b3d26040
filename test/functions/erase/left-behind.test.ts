import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { eraseIn } from '../../helpers/erase-in.ts';
import { solumHome } from '../../helpers/solum-home.ts';
import { solumCall } from '../../helpers/solum-server.ts';

test('an erasure leaves no part of a digest that a killed run has written for its next commit', async () => {
  const { folder, home } = await solumHome([solumCall('zq-erased', 1), solumCall('zq-kept', 2)]);
  const run = (hour: number) => home.run(new Date(Date.parse('2026-11-01T09:00:00Z') + hour * 3_600_000));
  expect(await run(0)).toMatchObject({ load: { exitCode: 0 } });
  const digests = join(folder, 'lake', 'digests', 'solum', 'default', 'calls');
  const parts = await readdir(digests);
  expect(parts.length).toBeGreaterThan(0);
  for (const name of parts) await copyFile(join(digests, name), join(digests, name.replace(/^0*1-/, '000000000002-')));
  expect((await readdir(digests)).length).toBe(2 * parts.length);
  await eraseIn(folder, 'solum', [{ kind: 'call', source: 'solum', id: 'zq-erased' }]);
  expect(placesWith(await readDataDirectory(folder), 'zq-erased')).toEqual([]);
  expect(await run(3)).toMatchObject({ load: { exitCode: 0 } });
  expect(placesWith(await readDataDirectory(folder), 'zq-erased')).toEqual([]);
});
