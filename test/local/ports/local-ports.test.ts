import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../functions/settings.ts';
import { openLocalPorts, sleepUnlessAborted } from '../../../local/ports/local-ports.ts';
import { findHashKey } from '../../../local/settings/hash-key.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog } from '../../helpers/warehouse.ts';

describe('findHashKey', () => {
  test('is made once, by whichever of several runs comes first, and for the owner alone', async () => {
    const path = join(await temporaryFolder(), 'hash.key');
    const keys = await Promise.all([1, 2, 3].map(() => findHashKey(path, {})));
    expect(new Set(keys)).toEqual(new Set([(await readFile(path, 'utf8')).trim()]));
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("is the environment's where that holds one", async () => {
    const path = join(await temporaryFolder(), 'hash.key');
    expect(await findHashKey(path, { CALLHOUSE_HASH_KEY: 'sixteen letters!' })).toBe('sixteen letters!');
    expect(await findHashKey(path, { CALLHOUSE_HASH_KEY: 'short' })).toBe('short');
    await expect(stat(path)).rejects.toThrow();
  });

  test('is never made anew where the file is empty: all hashes would change', async () => {
    const path = join(await temporaryFolder(), 'hash.key');
    await writeFile(path, '');
    await expect(findHashKey(path, {})).rejects.toThrow(`${path} holds no key; restore it from a copy`);
    await chmod(path, 0o600);
  });
});

describe('openLocalPorts', () => {
  test('writes into the lake, counts the time limit down, and takes the writer of the settings', async () => {
    const dataDir = join(await temporaryFolder(), 'deep', 'data');
    const settings = parseSettings({ timeLimit: '5m', parquetWriter: 'parquetjs' }, 'test');
    const { ports, dir, close } = await openLocalPorts({ dataDir, env: {}, settings, log: noLog });
    await ports.store.put('raw/a', Buffer.from('x'));
    expect(await readFile(join(dataDir, 'lake', 'raw', 'a'), 'utf8')).toBe('x');
    expect(ports.remainingMs()).toBeGreaterThan(290_000);
    expect(ports.remainingMs()).toBeLessThanOrEqual(300_000);
    expect(ports.parquet.name).toBe('parquetjs');
    expect(dir.path).toBe(dataDir);
    await close();
  });

  test('an interrupted wait ends at once', async () => {
    const stop = new AbortController();
    const startedAt = performance.now();
    const waits = [sleepUnlessAborted(60_000, stop.signal)];
    stop.abort();
    waits.push(sleepUnlessAborted(60_000, stop.signal));
    await Promise.all(waits);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
