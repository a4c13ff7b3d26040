import { credentialsSecretName, hashSecretName, PLACEHOLDER } from '../../functions/aws/names.ts';
import type { Engine, Store } from '../../functions/ports.ts';
import type { Source } from '../../functions/source/source.ts';
import { DAY_MS, HOUR_MS } from '../../functions/time.ts';
import type { Simulators } from '../../local/simulators/start-simulators.ts';
import type { SecretsServer } from '../helpers/secrets-server.ts';
import { type AthenaOnDuckdb, KEPT } from './athena-on-duckdb.ts';
import type { Bucket } from './bucket.ts';
import { type causesOf, isOn } from './causes.ts';
import { keysOfSecond, SECOND_ACCOUNT } from './differences.ts';
import type { OddSolum } from './odd-solum.ts';
import { type Ended, STAGE, type Stage, type Template } from './stage.ts';

/** A stage in fast motion, and all around it. */
export interface Motion {
  readonly days: number;
  /** When day 0 begins, ms. */
  readonly start: number;
  /** Versions of a table that are allowed. */
  readonly quota: number;
  readonly causes: ReturnType<typeof causesOf>;
  readonly sources: readonly Source[];
  readonly vendors: Simulators;
  readonly solum: OddSolum;
  readonly stage: Stage;
  /** Without the second account of Kalem, and with it. */
  readonly templates: { readonly plain: Template; readonly larger: Template };
  readonly store: Bucket;
  readonly athena: AthenaOnDuckdb;
  readonly secrets: SecretsServer;
  readonly duckdb: Engine;
  readonly counts: Record<'ticks' | 'extractions' | 'loads' | 'nights' | 'objects' | 'versions', number>;
  /** Rows of the second account when it was removed. */
  kept: ReadonlySet<string>;
  /** Key of the staged file that is gone. */
  lost: string;
  /** What is not as it should be. */
  readonly wrong: string[];
}

const HOURS = [0, 6, 12, 18];
const LOAD_HOUR = 18.5;
const NIGHT_HOUR = 19;
/** The second account comes on this day, and goes on that one, while what was read of it for a month still waits to be loaded. */
const SECOND = { from: 4, to: 45 };

/** Lets one day pass: four ticks, a load, a maintenance, and S3's lifecycle. */
export async function liveOneDay(motion: Motion, day: number): Promise<void> {
  const { vendors, stage, store, athena, causes, counts, wrong, days, start, quota } = motion;
  const at = (hours: number) => start + day * DAY_MS + hours * HOUR_MS;
  athena.beginDay();
  deploy(motion, day, at(0));
  for (const hours of HOURS) {
    if (day < days) vendors.advance(at(hours) - vendors.now().getTime());
    await tick(motion, day, at(hours));
  }
  const repair = await plant(motion, day, at(18));
  if (!isOn(causes.silence, day)) {
    counts.loads += 1;
    const fails = [causes.outage, causes.quota, causes.resources, causes.expired].some((cause) => isOn(cause, day));
    note(await stage.load(at(LOAD_HOUR)), fails ? [5] : [0], motion, `day ${day}: the load`);
  }
  athena.quota = quota;
  counts.nights += 1;
  note(
    await stage.maintain(at(NIGHT_HOUR)),
    isOn(causes.outage, day) ? [5] : [0],
    motion,
    `day ${day}: the maintenance`,
  );
  if (athena.kept() > KEPT) wrong.push(`day ${day}: ${athena.kept()} versions of a table after the maintenance`);
  await repair();
  const expired = store.age(at(23.9));
  counts.objects += expired.objects;
  counts.versions += expired.versions;
  vendors.resetRequests();
  athena.server.calls.length = 0;
  athena.server.executions.length = 0;
}

/** Deploys the stage, at first and when the second account comes and goes; stores its credentials a day later. */
function deploy(motion: Motion, day: number, at: number): void {
  const { stage, templates, secrets, vendors, sources } = motion;
  const store = (source: string, account: string, isStored = true) => {
    const names = sources.find(({ name }) => name === source)?.credentials ?? [];
    const values = names.map((name) => [name, isStored ? vendors.env[name] : PLACEHOLDER]);
    secrets.secrets.set(credentialsSecretName(STAGE, source, account), JSON.stringify(Object.fromEntries(values)));
  };
  if (day === 0) {
    stage.deploy(templates.plain, at);
    secrets.secrets.set(hashSecretName(STAGE), JSON.stringify({ CALLHOUSE_HASH_KEY: HASH_KEY }));
    for (const { name } of sources) store(name, 'default');
  }
  if (day === SECOND.from) {
    stage.deploy(templates.larger, at);
    store('kalem', SECOND_ACCOUNT, false);
  }
  if (day === SECOND.from + 1) store('kalem', SECOND_ACCOUNT);
  if (day !== SECOND.to) return;
  stage.deploy(templates.plain, at);
  motion.kept = keysOfSecond(vendors, HASH_KEY);
}

/** Key of the hashes. */
export const HASH_KEY = 'the key of the hashes of the fast motion, 32 characters and more';

async function tick(motion: Motion, day: number, at: number): Promise<void> {
  const { sources, vendors, solum, stage, causes, counts, store } = motion;
  counts.ticks += 1;
  solum.isThin = isOn(causes.thin, day);
  solum.isGarbled = isOn(causes.garbled, day);
  vendors.setFaults(isOn(causes.vendors, day) ? { rate: 1, kinds: ['status503'] } : undefined);
  const accounts = sources.map(({ name }) => ({ source: name, account: 'default' }));
  if (day >= SECOND.from && day < SECOND.to) accounts.push({ source: 'kalem', account: SECOND_ACCOUNT });
  for (const { source, account } of accounts) {
    counts.extractions += 1;
    const isBroken = isOn(causes.bug, day) && source === 'solum' && at % DAY_MS === 0;
    const ended = await stage.extract(source, account, at, isBroken ? broken(store) : store);
    const mayHold = solum.isThin && source === 'solum';
    const maySucceed = account === SECOND_ACCOUNT ? [0, 2] : mayHold ? [0, 4] : [0];
    const expected = isBroken ? [] : isOn(causes.vendors, day) ? [3] : maySucceed;
    note(ended, expected, motion, `day ${day}: the extraction of ${source}, account ${account},`);
  }
}

/** A store with a bug. */
function broken(store: Store): Store {
  const put = () => Promise.reject(new TypeError('a bug'));
  return { ...store, put };
}

/** Failures after which the same statement may succeed, in the words of Athena and Glue. */
const PASSING = [
  'ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table: callhouse.loads',
  'HIVE_METASTORE_ERROR: Rate exceeded (Service: Glue, Status Code: 400)',
];
const EXHAUSTED = 'Query exhausted resources at this scale factor';
const DENIED = 'Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)';
/** Bytes of a statement that scans far more than it should. */
const MUCH = 100_000_000_000;
/** A table of health data, and where some of its rows are for a while. */
const TWIN = 'callhouse_phi.zudu_calls';
const TAKEN = 'callhouse_staging.taken';

/** Plants what the day is to have. @returns what takes it away again */
async function plant(motion: Motion, day: number, at: number): Promise<() => Promise<void>> {
  const { causes, athena, store, stage, duckdb } = motion;
  const { failures, server } = athena;
  if (!isOn(causes.bug, day)) stage.deadLetters.length = 0;
  if (isOn(causes.passing, day)) {
    server.faults.push({ name: 'StartQueryExecution', type: 'TooManyRequestsException', message: 'Rate exceeded' });
    failures.push(...PASSING);
  }
  if (isOn(causes.resources, day)) failures.push(EXHAUSTED);
  if (isOn(causes.quota, day)) athena.quota = KEPT;
  athena.outage = isOn(causes.outage, day) ? DENIED : undefined;
  athena.scannedBytes = isOn(causes.spend, day) ? MUCH : 10_000_000;
  if (isOn(causes.spend, day)) for (const use of ['bi', 'phi'] as const) stage.read(use, 3 * MUCH, at);
  if (causes.expired?.from === day) {
    for await (const key of store.list('staging/kalem_calls/acct=default/')) motion.lost = key;
    await store.delete(motion.lost);
  }
  if (isOn(causes.twins, day)) {
    await duckdb.execute(`CREATE TABLE ${TAKEN} AS SELECT * FROM ${TWIN} LIMIT 5`);
    await duckdb.execute(`DELETE FROM ${TWIN} WHERE call_id IN (SELECT call_id FROM ${TAKEN})`);
  }
  return async () => {
    if (causes.expired?.to === day + 1) await store.restore(motion.lost);
    if (!isOn(causes.twins, day)) return;
    await duckdb.execute(`INSERT INTO ${TWIN} SELECT * FROM ${TAKEN}`);
    await duckdb.execute(`DROP TABLE ${TAKEN}`);
  };
}

/** Takes note of an outcome that is not expected. */
function note(ended: Ended, expected: readonly number[], { wrong }: Motion, what: string): void {
  if (ended === 'failed' ? expected.length === 0 : expected.includes(ended.exitCode)) return;
  wrong.push(`${what} ended with ${ended === 'failed' ? 'a bug' : `${ended.exitCode}: ${ended.error}`}`);
}
