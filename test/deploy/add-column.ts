import { cdkIn, copyWithColumn } from './cdk.ts';
import { baseUrls } from './deploy-app.ts';
import { expect, expectNone } from './report.ts';
import { expectUnchanged, extractAll, LOAD, type RunState, readTables } from './run-state.ts';

const COLUMN = 'answered_by';
/** A column that the vendor does not give: it stays null, and what is there must stay as it is. */
const LINE = `${COLUMN}: text({ from: '${COLUMN}', doc: 'Who answered.' }),`;

/** A second deployment, of the app with one more column. */
export async function deployColumn(state: RunState): Promise<void> {
  const { report, engines, worlds, cloud, timeline } = state;
  const before = await readTables(state);
  const deployed = await report.check('a second cdk deploy adds a column', async () => {
    const folder = await copyWithColumn(engines, { file: 'kalem.ts', after: 'hangup_cause: text(', line: LINE });
    await cdkIn(folder, engines, baseUrls(worlds)).deploy();
    return 'kalem_calls';
  });
  if (deployed === undefined) return;
  await report.check('the second deploy keeps the data', () => expectUnchanged(state, before));
  await report.check('and what the owner put into the secrets', async () => {
    const secret = await cloud.readSecret('callhouse/dev/kalem/default');
    expect(secret['KALEM_API_TOKEN'] === worlds.vendors.env['KALEM_API_TOKEN'], 'the credential was overwritten');
  });
  const at = timeline.ticks.last;
  worlds.moveTo(at);
  await report.check('the next tick runs with the column', async () => {
    await extractAll(state, at);
    await cloud.invoke(LOAD);
    const { rows } = await cloud.engine.query(
      `SELECT count(*), count("${COLUMN}"), count(DISTINCT call_id) FROM "callhouse"."kalem_calls"`,
    );
    const [all = 0, filled, keys] = (rows[0] ?? []).map(Number);
    expectNone(all > 0 && filled === 0 && keys === all ? [] : [`${all} rows, ${filled} with a value, ${keys} keys`]);
    return `${all} rows`;
  });
}
