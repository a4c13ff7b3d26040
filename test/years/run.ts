// `npm run test:years [-- --days N]`: a stage over N days (60) in fast motion. Ends with 1 where a row is lost or stale, an alarm rings
// without a cause or does not ring with one, or a statement is over a limit of AWS. See README.md here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tablesOf } from '../../functions/load/plan.ts';
import { DAY_MS } from '../../functions/time.ts';
import { startSimulators } from '../../local/simulators/start-simulators.ts';
import { duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { startSecretsServer } from '../helpers/secrets-server.ts';
import { vendorSources } from '../helpers/vendors.ts';
import { alarmName, openCloudWatch, type Ring } from './alarms.ts';
import { startAthenaOnDuckdb } from './athena-on-duckdb.ts';
import { openBucket } from './bucket.ts';
import { causesOf, judgeRings, withoutCause } from './causes.ts';
import { differences, SECOND_ACCOUNT } from './differences.ts';
import { startOddSolum } from './odd-solum.ts';
import { HASH_KEY, liveOneDay, type Motion } from './one-day.ts';
import { openStage, synthesise } from './stage.ts';

const { values } = parseArgs({ options: { days: { type: 'string', default: '60' } } });
const DAYS = Number(values.days);
/** AWS allows 100,000 versions and loads every hour; here a load is once a day, and two years are as many days as there are. */
const QUOTA = Math.round(((100_000 / 24) * DAYS) / 730);
const START = Date.parse('2026-11-02T00:00:00Z');
/** So many failures are printed. */
const SHOWN = 40;

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const begun = Date.now();
const folder = await mkdtemp(join(tmpdir(), 'callhouse-years-'));
const vendors = await startSimulators({
  ...{ seed: 5, days: 30, callsPerVendor: 30, users: 3, transcripts: 'short' },
  now: new Date(START).toISOString(),
});
const [sources, solum] = await Promise.all([vendorSources(), startOddSolum(vendors.urls.solum, vendors.now)]);
const settingsWith = (kalem: readonly string[]) => {
  const urls: Readonly<Record<string, string>> = { ...vendors.urls, solum: solum.url };
  const named = Object.fromEntries(sources.map(({ name }) => [name, { baseUrl: urls[name], maxRps: 1000 }]));
  return {
    sources: { ...named, kalem: { ...named['kalem'], accounts: kalem } },
    schedules: { extract: '6h', load: '1d' },
    alarms: { staleAfter: '2d', loadLagAfter: '2d', rejectsPerDay: 20 },
  };
};
const [plain, larger] = [
  await synthesise(settingsWith(['default'])),
  await synthesise(settingsWith(['default', SECOND_ACCOUNT])),
];
let clock = START;
const duckdb = duckdbEngine({
  ...{ path: join(folder, 'warehouse.duckdb'), pathOf: (key) => join(folder, key), views: { timeZone: 'UTC' } },
  sleep: async () => {},
});
await duckdb.prepare(tablesOf(sources));
const [athena, secrets] = await Promise.all([
  startAthenaOnDuckdb(duckdb, tablesOf(sources), folder, () => clock),
  startSecretsServer(),
]);
const store = openBucket(plain.rules, folder, 'staging/', START);
const cloudWatch = openCloudWatch();
const moveTo = (at: number) => {
  clock = at;
};
const stage = openStage({ store, athena, secrets, cloudWatch, moveTo });
const alarms = larger.alarms.map(({ Properties }) => alarmName(String(Properties['AlarmName'])));
const motion: Motion = {
  ...{ days: DAYS, start: START, quota: QUOTA, vendors, solum, sources, stage, store, athena, secrets, duckdb },
  causes: causesOf(DAYS),
  templates: { plain, larger },
  counts: { ticks: 0, extractions: 0, loads: 0, nights: 0, objects: 0, versions: 0 },
  kept: new Set(),
  lost: '',
  wrong: withoutCause(alarms).map((name) => `${name}: no cause is planted that rings this alarm`),
};

try {
  console.log(
    `${DAYS} days: a tick every 6 hours, a load a day; ${QUOTA} versions of a table are allowed, where AWS has 100,000 for 24 loads a day in two years`,
  );
  athena.quota = QUOTA;
  for (let day = 0; day < DAYS; day += 1) {
    await liveOneDay(motion, day);
    if (day % 10 === 9) console.log(`day ${day + 1}: ${Math.round((Date.now() - begun) / 1000)} s`);
  }
  const end = START + DAYS * DAY_MS;
  const rings = cloudWatch.rings(end);
  motion.wrong.push(...judgeRings(rings, Object.values(motion.causes), START), ...athena.seen.over);
  // Each audit log is read within 31 days. Then the vendors stand still, and the next full scans confirm what was removed.
  for (const more of [32, 35, 38]) {
    if (more === 32) vendors.advance(32 * DAY_MS);
    await liveOneDay(motion, DAYS + more);
  }
  await duckdb.close();
  motion.wrong.push(...(await differences(vendors, join(folder, 'warehouse.duckdb'), HASH_KEY, motion.kept)));
  report(rings, motion);
} finally {
  await Promise.all([vendors.close(), solum.close(), athena.server.close(), secrets.close(), duckdb.close()]);
  await rm(folder, { recursive: true, force: true });
}
const { length: failed } = motion.wrong;
for (const line of motion.wrong.slice(0, SHOWN)) console.log(`FAILED  ${line}`);
if (failed > SHOWN) console.log(`… and ${failed - SHOWN} more`);
console.log(failed === 0 ? 'every row is the truth, and every alarm had its cause' : `${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function report(rings: readonly Ring[], { counts, athena }: Motion): void {
  const { table, count, changes } = athena.most();
  const { statements, longest, partitions } = athena.seen;
  console.log(
    `${counts.ticks} ticks, ${counts.extractions} extractions, ${counts.loads} loads, ${counts.nights} nights`,
  );
  console.log(`${statements} statements; the longest has ${longest} bytes, the widest writes ${partitions} partitions`);
  console.log(
    `most versions at any time: ${count}, of ${table}, changed ${changes} times that day; at the end: ${athena.kept()}`,
  );
  console.log(`S3 expired ${counts.objects} objects and ${counts.versions} old versions`);
  const names = [...new Set(rings.map(({ alarm }) => alarm))].sort();
  for (const name of names) {
    const days = rings.filter(({ alarm }) => alarm === name).map(({ at }) => Math.floor((at - START) / DAY_MS));
    console.log(`${name} rang on days ${[...new Set(days)].join(' ')}`);
  }
}
