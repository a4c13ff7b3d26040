import { hashSecretName } from '../../functions/aws/names.ts';
import { extractAccount } from '../../functions/extract/extract-account.ts';
import type { LoadResult } from '../../functions/results.ts';
import { parseSettings } from '../../functions/settings.ts';
import { findSource } from '../../functions/source/registry.ts';
import { makePorts } from '../helpers/ports.ts';
import { STAGE } from './cloud.ts';
import { expect } from './report.ts';
import { LOAD, type RunState } from './run-state.ts';

/** An account that the stage does not name, as if it had been removed between its last tick and the next load. */
const FORMER = 'former';

/** What was read of an account is loaded, although the stage names it no longer. */
export async function loadRemovedAccount(state: RunState): Promise<void> {
  const { report, cloud } = state;
  await report.check('what was read of an account that was then removed from the stage is loaded', async () => {
    const staged = await extractFormer(state);
    expect(staged > 0, 'nothing was staged');
    const { exitCode, error = '' } = await cloud.invoke<LoadResult>(LOAD);
    expect(exitCode === 0, `the load ended with ${exitCode}: ${error}`);
    for (const database of ['callhouse', 'callhouse_phi']) {
      const sql = `SELECT count(*) FROM "${database}"."kalem_calls" WHERE account = '${FORMER}'`;
      const [[rows] = []] = (await cloud.engine.query(sql)).rows;
      expect(Number(rows) === staged, `${database} has ${rows} rows of it; ${staged} were staged`);
    }
    return `${staged} rows`;
  });
}

/** Reads the account into the stage's lake, as its Lambda did. @returns the number of rows staged */
async function extractFormer({ cloud, worlds, timeline }: RunState): Promise<number> {
  const { CALLHOUSE_HASH_KEY: key = '' } = await cloud.readSecret(hashSecretName(STAGE));
  const { env } = worlds.vendors;
  const settings = parseSettings({ sources: { kalem: { baseUrl: env['KALEM_BASE_URL'], maxRps: 1000 } } }, 'test');
  const at = timeline.ticks.last;
  const ports = { ...makePorts({ store: cloud.store, env, clock: { ms: Date.now() } }), hashKey: async () => key };
  const { streams, exitCode } = await extractAccount(
    await findSource('kalem'),
    { account: FORMER, at, settings },
    ports,
  );
  expect(exitCode === 0, `the extraction ended with ${exitCode}`);
  return streams.reduce((rows, { changed }) => rows + changed, 0);
}
