import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { runFor } from '../../helpers/run-source.ts';
import { solumCalls, solumServer } from '../../helpers/solum-server.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const env = { SOLUM_API_KEY: 'key' };

describe('a run that runs out of time', () => {
  test('says how much of its list is left', async () => {
    const options = { at: new Date(AT), pageSize: 5 };
    const { url } = await solumServer(solumCalls(40));
    expect((await runFor(3, 'solum', { ...options, url }, memoryStore(), env)).streams[0]).toMatchObject({
      status: 'partial',
      exitCode: 6,
      error:
        'solum.calls: about 25 of 40 records of a list are left: the time of this run is used up; the next run continues',
    });
    const untold = await solumServer(solumCalls(40), { bend: ({ data }) => ({ data, pagination: {} }) });
    const [stream] = (await runFor(3, 'solum', { ...options, url: untold.url }, memoryStore(), env)).streams;
    expect(stream?.error).toContain('solum.calls: the pages of a list from 4 on are left: ');
    // It may be a telephone number.
    const odd = await solumServer(solumCalls(40), {
      bend: ({ data, pagination }) => ({ data, pagination: { ...pagination, total: 15551234567 } }),
    });
    const [hidden] = (await runFor(3, 'solum', { ...options, url: odd.url }, memoryStore(), env)).streams;
    expect(hidden?.error).toContain('solum.calls: the pages of a list from 4 on are left: ');
  });

  test('says how many lists are left', async () => {
    const sims = await startSimulators({ callsPerVendor: 14, users: 2, days: 3 });
    const options = { at: sims.now(), url: sims.urls.kalem, pageSize: 4 };
    const [stream] = (await runFor(1, 'kalem', options, memoryStore(), sims.env)).streams;
    expect(stream?.error).toMatch(
      /^kalem\.calls: about \d+ of \d+ records of a list are left, and 2 further lists: the time /,
    );
    await sims.close();
  });
});
