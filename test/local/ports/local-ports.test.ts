import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../functions/settings.ts';
import { openLocalPorts, sleepUnlessAborted } from '../../../local/ports/local-ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog } from '../../helpers/warehouse.ts';

describe('openLocalPorts', () => {
  test('writes into the lake, counts the time limit down, and uses the writer of the settings', async () => {
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
