import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../functions/errors.ts';
import { extractHandler } from '../../../functions/handlers/extract.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { findSource, sourceNames } from '../../../functions/source/registry.ts';
import { makePorts } from '../../helpers/ports.ts';
import { solumCalls, solumServer } from '../../helpers/solum-server.ts';
import { VENDORS } from '../../helpers/vendors.ts';

const handle = (baseUrl?: string) =>
  extractHandler(
    makePorts({ env: { SOLUM_API_KEY: 'key' } }),
    parseSettings({ sources: { solum: { baseUrl, maxRps: 1000 } } }, 'test'),
  );

describe('the extract handler', () => {
  test('runs the account that the event names', async () => {
    const { url } = await solumServer(solumCalls(3));
    const result = await handle(url)({ source: 'solum', at: '2026-11-01T10:00:00+01:00' });
    expect(result).toMatchObject({
      account: 'default',
      at: '2026-11-01T09:00:00.000Z',
      exitCode: 0,
      streams: [{ changed: 3 }],
    });
  });

  test.each([
    [{ source: 'solum', at: '2026-11-01T09:00:00' }, 'at: expected an instant with Z or an offset'],
    [{ source: 'solum', at: '2026-11-01' }, 'at: expected an instant with Z or an offset'],
    [{ source: 'solum', at: 'now' }, 'at: expected an instant with Z or an offset'],
    [{ source: 'solum' }, 'at: '],
    [{ at: '2026-11-01T09:00:00Z' }, 'source: '],
    [null, 'the event: '],
    [{ source: 'solar', at: '2026-11-01T09:00:00Z' }, 'there is no source solar; expected one of '],
    [{ source: '../solum', at: '2026-11-01T09:00:00Z' }, 'there is no source'],
    [
      { source: 'solum', at: '2026-11-01T09:00:00Z', streams: ['logs'] },
      'source solum has no stream logs; expected one of calls',
    ],
    [
      { source: 'solum', at: '2026-11-01T09:00:00Z', streams: ['toString'] },
      'source solum has no stream toString; expected one of calls',
    ],
    [
      {
        source: 'solum',
        at: '2026-11-01T09:00:00Z',
        window: { from: '2026-11-01T09:00:00Z', to: '2026-11-01T10:00:00+02:00' },
      },
      'window: expected from to be no later than to',
    ],
  ])('rejects the event %j', async (event, message) => {
    await expect(handle()(event)).rejects.toThrow(ConfigError);
    await expect(handle()(event)).rejects.toThrow(message);
  });

  test('rejects plain http to another host before it sends a request', async () => {
    const result = await handle('http://api.getsolum.com')({ source: 'solum', at: '2026-11-01T09:00:00Z' });
    expect(result).toMatchObject({ exitCode: 2, error: expect.stringContaining('SOLUM_BASE_URL is not https') });
  });
});

test('the registry finds every source by its file name', async () => {
  expect(await sourceNames()).toEqual(expect.arrayContaining([...VENDORS]));
  for (const name of await sourceNames()) expect((await findSource(name)).name).toBe(name);
});
