import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { solumCall, solumServer } from '../../helpers/solum-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const SAID = 'zq-said-in-confidence';
const NUMBER = '+15550008801';
const PATIENT = 'zq-patient-1';
const content = (summary: string) => ({ summary, customer_number: NUMBER, patient_id: PATIENT, extra: SAID });

/** A data directory of Solum whose runs blank what the vendor removes. */
async function blanking() {
  const calls = [0, 1, 2].map((n) => solumCall(n, n * 60, n === 1 ? content(SAID) : { summary: `words of ${n}` }));
  const server = await solumServer(calls);
  const folder = await temporaryFolder();
  const data = join(folder, 'data');
  const config = join(folder, 'blank.json');
  await writeFile(config, '{ "onVendorRemoval": "blank", "publish": { "every": "1m" } }');
  const env = { SOLUM_API_KEY: 'key', SOLUM_BASE_URL: server.url, SOLUM_MAX_RPS: '1000' };
  const at = (hours: number) => new Date(Date.parse('2026-11-01T09:00:00Z') + hours * 3_600_000).toISOString();
  const run = (hours: number) =>
    callhouseHere(['run', '--config', config, '--data-dir', data, '--at', at(hours)], { env });
  return { calls, folder, data, run };
}

/** Copies the objects of a lake's folder under names that no commit has, as a killed run leaves them. */
async function leaveBehind(lake: string, part: string): Promise<number> {
  const files = (await readdir(join(lake, part), { recursive: true })).filter((name) => /-0001\.\w/.test(name));
  for (const name of files)
    await cp(join(lake, part, name), join(lake, part, name.replace(/-[0-9a-f]{12}\./, '-0123456789ab.')));
  return files.length;
}

test('onVendorRemoval: blank leaves no value of a removed call anywhere in the data directory', async () => {
  const { calls, data, run } = await blanking();
  expect(await run(0)).toMatchObject({ code: 0 });
  calls[1] = solumCall(1, 60, content(`edited ${SAID}`));
  expect(await run(1)).toMatchObject({ code: 0 });
  const hashes = await linesIn(
    join(data, 'warehouse.duckdb'),
    "SELECT customer_number_hash, patient_id_hash, _caller_hash FROM callhouse.solum_calls WHERE id = '1'",
  );
  const values = [SAID, NUMBER, PATIENT, ...(hashes[0] ?? '').split('|')];
  expect(values.every((text) => text.length > 10)).toBe(true);
  for (const part of ['raw', 'staging']) expect(await leaveBehind(join(data, 'lake'), part)).toBeGreaterThan(1);
  const held = await readDataDirectory(data);
  for (const value of values) expect(placesWith(held, value).length).toBeGreaterThan(1);

  calls.splice(1, 1);
  for (const hours of [80, 82]) expect(await run(hours)).toMatchObject({ code: 0 });
  const after = await readDataDirectory(data);
  expect(values.map((value) => placesWith(after, value))).toEqual(values.map(() => []));
  const query = (sql: string) => linesIn(join(data, 'warehouse.duckdb'), sql);
  expect(
    await query('SELECT id, status, _deleted_at IS NOT NULL, patient_id_hash FROM callhouse.solum_calls ORDER BY 1'),
  ).toEqual(['0|pending|false|null', '1|pending|true|null', '2|pending|false|null']);
  const summaries = 'SELECT id, summary FROM callhouse_phi.solum_calls ORDER BY 1';
  expect(await query(summaries)).toEqual(['0|words of 0', '1|null', '2|words of 2']);
  expect(placesWith(after, 'words of 0').some((place) => place.startsWith('lake/raw/'))).toBe(true);

  // Nothing brings it back.
  await rm(join(data, 'warehouse.duckdb'));
  expect(await callhouseHere(['replay', '--data-dir', data])).toMatchObject({ code: 0 });
  expect(await query(summaries)).toContain('1|null');
  const again = await readDataDirectory(data);
  expect(values.map((value) => placesWith(again, value))).toEqual(values.map(() => []));

  // A call that the vendor lists again is complete.
  calls.splice(1, 0, solumCall(1, 60, content('back')));
  expect(await run(160)).toMatchObject({ code: 0 });
  expect(await query(summaries)).toContain('1|back');
});
