import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { forgettingStore } from '../../functions/aws/s3/forgetting-store.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { stageHashKey } from '../../functions/aws/secrets/read-hash-key.ts';
import { extractHandler } from '../../functions/handlers/extract.ts';
import { loadHandler } from '../../functions/handlers/load.ts';
import { streamsToLoad, tablesOf } from '../../functions/load/plan.ts';
import type { QueryResult } from '../../functions/ports.ts';
import { parseSettings, type SettingsInput } from '../../functions/settings.ts';
import { listSources } from '../../functions/source/registry.ts';
import type { Table } from '../../schemas/table.ts';
import type { Script } from './athena-server.ts';
import { type AwsServers, awsServers } from './aws-servers.ts';
import { callhouseHere } from './callhouse-here.ts';
import { ERASURE_KEY } from './erase-in.ts';
import { HASH_KEY } from './home.ts';
import { makePorts } from './ports.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { noLog, testWarehouse } from './warehouse.ts';

/** Name of the stage's bucket in the store. */
const BUCKET = 'lake';

/**
 * Stage `dev` with its bucket, secrets and Athena in this process, whose tables are in a DuckDB file: every statement runs. Glue's
 * projected partitions are the folders that a statement names.
 * @param env base URL and credentials of the source
 */
export async function stageOnDuckdb(
  source: string,
  env: Readonly<Record<string, string>>,
  settings: SettingsInput = {},
) {
  const servers = await awsServers();
  const { athena, secrets } = servers;
  const setKey = (key: string) =>
    secrets.secrets.set('callhouse/dev/hash-key', JSON.stringify({ CALLHOUSE_HASH_KEY: key }));
  setKey(HASH_KEY);
  secrets.secrets.set('callhouse/dev/erasure-key', JSON.stringify({ CALLHOUSE_ERASURE_KEY: ERASURE_KEY }));
  secrets.secrets.set(`callhouse/dev/${source}/default`, JSON.stringify(env));
  const cwd = await temporaryFolder();
  const stages = { dev: { ...settings, sources: { [source]: {} } } };
  await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify({ stages }));
  const duckdb = testWarehouse(cwd).open();
  onTestFinished(() => duckdb.close());
  const sources = (await listSources()).filter(({ name }) => name === source);
  const tables = tablesOf(sources);
  await duckdb.prepare(tables);
  const watched: (() => Promise<void>)[] = [];
  athena.run = async (sql) => {
    if (/^SELECT/.test(sql)) return asResults(await duckdb.query(sql));
    const table = tables.find(({ name }) => sql.includes(`"callhouse_staging"."${name}"`));
    if (table) await duckdb.stage(table, await mirrored(sql, table, servers, cwd));
    const { changed } = await duckdb.execute(sql);
    for (const watch of watched) await watch();
    return { updateCount: changed };
  };
  const store = forgettingStore(s3Store({ bucket: BUCKET }), BUCKET);
  const parsed = parseSettings(
    { ...settings, sources: { [source]: { baseUrl: env[`${source.toUpperCase()}_BASE_URL`], maxRps: 1000 } } },
    'test',
  );
  const engine = athenaEngine({ workgroup: 'callhouse-dev-etl', databasePrefix: 'callhouse' });
  const plan = { streams: streamsToLoad(sources), accounts: { [source]: ['default'] } };
  return {
    ...servers,
    setKey,
    /** Called after each statement that changes a table. */
    watch: (work: () => Promise<void>) => void watched.push(work),
    query: async (sql: string) => (await duckdb.query(sql)).rows,
    /** One run of the extractor, then of the loader. */
    async run(at: Date) {
      const ports = {
        ...makePorts({ store, env }),
        hashKey: () => stageHashKey(store, 'callhouse/dev/hash-key'),
        erasureKey: async () => ERASURE_KEY,
        process: { host: 'lambda', pid: 1, born: randomUUID(), isGone: () => true },
      };
      const extracted = await extractHandler(ports, parsed)({ source, at: at.toISOString() });
      const loaded = await loadHandler(plan, { store, engine, log: noLog, now: Date.now })();
      return { extracted: extracted.exitCode, loaded: loaded.exitCode, error: loaded.error ?? extracted.error };
    },
    /** A command on the stage. */
    act: (args: readonly string[]) => callhouseHere([...args, '--aws', '--json'], { cwd, env }),
  };
}

/** Files in the partitions that the statement names, written where DuckDB reads them. */
async function mirrored(sql: string, { name: table }: Table, { s3 }: AwsServers, cwd: string) {
  const [, account = ''] = /"acct" = '([^']*)'/.exec(sql) ?? [];
  const [, list = ''] = /"day" IN \(([^)]*)\)/.exec(sql) ?? [];
  const files = [];
  for (const [, day] of list.matchAll(/'([^']+)'/g)) {
    const folder = `staging/${table}/acct=${account}/day=${day}/`;
    for (const [name, body] of s3.objects) {
      if (!name.startsWith(`${BUCKET}/${folder}`)) continue;
      const key = name.slice(BUCKET.length + 1);
      await mkdir(dirname(join(cwd, 'lake', key)), { recursive: true });
      await writeFile(join(cwd, 'lake', key), body);
      files.push({ table, key, rows: 0, deletes: 0, partFrom: '', partTo: '' });
    }
  }
  return files;
}

function asResults({ columns, rows }: QueryResult): Script {
  const typeOf = (n: number) => {
    const value = rows.find((row) => row[n] !== null && row[n] !== undefined)?.[n];
    if (value instanceof Date) return 'timestamp';
    if (typeof value === 'bigint' || Number.isInteger(value)) return 'bigint';
    return typeof value === 'number' ? 'double' : typeof value === 'boolean' ? 'boolean' : 'varchar';
  };
  const asText = (value: unknown) =>
    value instanceof Date ? value.toISOString().replace('T', ' ').replace('Z', '') : String(value);
  return {
    columns: columns.map((name, n) => [name, typeOf(n)]),
    rows: rows.map((row) => row.map((value) => (value === null || value === undefined ? null : asText(value)))),
  };
}
