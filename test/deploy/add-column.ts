import { cdkIn, copyWithColumn } from './cdk.ts';
import { comparedTables } from './compare.ts';
import { baseUrls } from './deploy-app.ts';
import { expect } from './report.ts';
import { expectSameTables, expectUnchanged, extractAll, LOAD, type RunState, readTables } from './run-state.ts';

const COLUMN = 'updated_at';
/** A field that the vendor sends with some records, so far kept in `_extra`. */
const CHANGE = {
  file: 'zudu.ts',
  before: 'conference_sid: ',
  line: `${COLUMN}: timestamp({ path: '${COLUMN}', doc: 'When the vendor changed the call.' }),`,
};

/** A second deployment, of the app with one more column. */
export async function deployColumn(state: RunState): Promise<void> {
  const { report, engines, worlds, cloud, timeline } = state;
  const before = await readTables(state);
  const deployed = await report.check('a second cdk deploy adds a column', async () => {
    const folder = await copyWithColumn(engines, CHANGE);
    await cdkIn(folder, engines, baseUrls(worlds)).deploy();
    return `zudu_calls.${COLUMN}`;
  });
  if (deployed === undefined) return;
  await report.check('the second deploy keeps the data', () => expectUnchanged(state, before));
  await report.check('and what the owner put into the secrets', async () => {
    const secret = await cloud.readSecret('callhouse/dev/kalem/default');
    expect(secret['KALEM_API_TOKEN'] === worlds.vendors.env['KALEM_API_TOKEN'], 'the credential was overwritten');
  });
  const at = timeline.ticks.last;
  worlds.moveTo(at);
  await report.check('the next tick fills the column', async () => {
    await extractAll(state, at);
    await cloud.invoke(LOAD);
    const { rows } = await cloud.engine.query(`SELECT count("${COLUMN}") FROM "callhouse"."zudu_calls"`);
    expect(Number(rows[0]?.[0]) > 0, 'no row has a value');
    return `${rows[0]?.[0]} rows`;
  });
  await worlds.runHome(at);
  await report.check('and all else equals the local home, which has no such column', async () => {
    // AWS alone had the ticks of the faults and the backfill, so its commits have other numbers.
    const numbers = (await comparedTables()).map(({ name }) => [name, ['_seq']] as const);
    // With the column the rows are new versions.
    const own = { zudu_calls: ['_extra', '_changed_at', '_seq'], loads: 'all', rejects: 'all' } as const;
    return expectSameTables(state, { ...Object.fromEntries(numbers), ...own });
  });
}
