import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { readBackFromAthena } from '../../functions/aws/athena/read-back-from-athena.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import { faultsIn } from '../../functions/check/check-result.ts';
import { extractHandler } from '../../functions/handlers/extract.ts';
import { loadHandler } from '../../functions/handlers/load.ts';
import { maintainHandler } from '../../functions/handlers/maintain.ts';
import { vendorHttp } from '../../functions/http/vendor-http.ts';
import { type LoadPlan, streamsToLoad } from '../../functions/load/plan.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import { hyparquetWriter } from '../../functions/parquet/hyparquet.ts';
import type { Engine, Ports, Store } from '../../functions/ports.ts';
import { readQuestions } from '../../functions/questions.ts';
import { parseSettings } from '../../functions/settings.ts';
import { findSource } from '../../functions/source/registry.ts';
import { fsStore } from '../../local/lake/fs-store.ts';
import { envSecrets } from '../../local/settings/env-secrets.ts';
import { type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { duckdbEngine } from '../../local/warehouse/duckdb-engine.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../schemas/derive/databases.ts';
import { stagingColumns } from '../../schemas/derive/ddl.ts';
import { createView } from '../../schemas/derive/view-sql.ts';
import { OWN_TABLES } from '../../schemas/own-tables.ts';
import type { Table } from '../../schemas/table.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { createIcebergTable } from '../helpers/create-iceberg-table.ts';

const SOURCES = ['kismet', 'solum', 'zudu', 'kalem'];
const TICK_MS = 15 * 60_000;
const VIEWS = { timeZone: 'America/New_York' };

/** The pipeline on a stand-in for AWS whose Athena is Trino; see test/engines/README.md. */
describe.runIf(process.env['CALLHOUSE_ENGINES'])('on S3 and Athena', { timeout: 600_000 }, () => {
  const id = randomUUID().slice(0, 8);
  const bucket = `lake-${id}`;
  const workgroup = `etl-${id}`;
  const prefix = `ch_${id.replace(/-/g, '_')}`;
  const databases = databasesOf(prefix);
  let vendors: Simulators;
  let store: Store;
  let engine: Engine;
  let tables: readonly Table[] = [];
  let plan: LoadPlan;
  let folder = '';
  let at = new Date();

  beforeAll(async () => {
    await new S3Client({ forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: bucket }));
    const ResultConfiguration = { OutputLocation: `s3://${bucket}/athena-results/` };
    await new AthenaClient().send(
      new CreateWorkGroupCommand({ Name: workgroup, Configuration: { ResultConfiguration } }),
    );
    store = s3Store({ bucket });
    engine = athenaEngine({ workgroup, databasePrefix: prefix, store });
    const sources = await Promise.all(SOURCES.map(findSource));
    const streams = streamsToLoad(sources);
    tables = [...new Set(streams.flatMap((stream) => stream.tables))];
    plan = { streams, accounts: Object.fromEntries(SOURCES.map((name) => [name, ['default']])), databases };
    for (const name of Object.values(databases)) await engine.execute(`CREATE DATABASE ${name}`);
    for (const table of databaseTablesOf(tables, databases)) {
      // The stand-in reads no quotes within a transform.
      const sql = createIcebergTable(table, `s3://${bucket}/warehouse/${table.database}/${table.name}/`);
      await engine.execute(sql.replace(/month\(`(\w+)`\)/, 'month($1)'));
    }
    for (const table of tables) await engine.execute(stagingTable(table, databases.staging, bucket));
    for (const view of viewsFor(tables, VIEWS, databases)) await engine.execute(createView(view, databases));
    vendors = await startSimulators({ callsPerVendor: 60, users: 3 });
    folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    at = vendors.now();
    return () => vendors.close();
  }, 300_000);

  const portsAt = (): Ports => ({
    ...nodePorts,
    store,
    secrets: envSecrets(vendors.env),
    parquet: hyparquetWriter(),
    hashKey: async () => 'hash key of the tests, which has 32 characters and more',
    fetch: vendorHttp({}),
    log: () => {},
    now: Date.now,
    random: Math.random,
    sleep: async () => {},
    process: { host: 'a', pid: 1, born: 'a', isGone: () => true },
    remainingMs: () => Number.POSITIVE_INFINITY,
    readBackFromWarehouse: readBackFromAthena(engine, prefix),
  });
  const settings = () =>
    parseSettings(
      {
        sources: Object.fromEntries(
          SOURCES.map((name) => [name, { baseUrl: vendors.env[`${name.toUpperCase()}_BASE_URL`], maxRps: 1000 }]),
        ),
      },
      'test',
    );
  const extractAll = async () => {
    for (const source of SOURCES) {
      const result = await extractHandler(portsAt(), settings())({ source, at: at.toISOString() });
      expect(result).toMatchObject({ exitCode: 0 });
    }
  };
  const load = () => loadHandler(plan, { store, engine, log: () => {}, now: Date.now })();

  /** What is staged, loaded on one machine as well: every table and view must hold the same rows. */
  const expectEqual = async () => {
    const lake = fsStore(join(folder, 'lake'));
    for (const prefix of ['commits/', 'staging/']) {
      for await (const key of store.list(prefix)) await lake.put(key, (await store.get(key)) ?? Buffer.of());
    }
    const local = duckdbEngine({
      path: join(folder, 'warehouse.duckdb'),
      pathOf: (key) => join(folder, 'lake', key),
      views: VIEWS,
      sleep: async () => {},
    });
    try {
      const here = { ...plan, databases: databasesOf() };
      expect(await loadHandler(here, { store: lake, engine: local, log: () => {}, now: Date.now })()).toMatchObject({
        exitCode: 0,
      });
      expect(await differences({ engine, databases }, { engine: local, databases: here.databases }, tables)).toEqual(
        [],
      );
    } finally {
      await local.close();
    }
  };

  test.each([1, 2])('tick %i gives what the local home gives, row for row', async () => {
    await extractAll();
    expect(await load()).toMatchObject({ exitCode: 0 });
    await expectEqual();
    at = new Date(at.getTime() + TICK_MS);
    vendors.advance(TICK_MS * 8);
  });

  test('a replay of everything changes nothing', async () => {
    for await (const key of store.list('progress/')) await store.delete(key);
    const { changed, commits, exitCode } = await load();
    expect(exitCode).toBe(0);
    expect(commits).toBeGreaterThan(0);
    expect(Object.values(changed).filter((rows) => rows > 0)).toEqual([]);
  });

  test('two loaders at once end with the right tables', async () => {
    await extractAll();
    const both = await Promise.all([load(), load()]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    await expectEqual();
  });

  test('maintenance compacts, and its checks find nothing', async () => {
    const ports = { store, engine, log: () => {}, now: Date.now, random: Math.random, remainingMs: () => 1e9 };
    const maintain = maintainHandler({ ...plan, stagingDays: 30 }, { ...ports, betweenLoads: (work) => work() });
    const { checks, ...result } = await maintain(at);
    expect(result).toMatchObject({ exitCode: 0, compacted: tables.length * 2 + OWN_TABLES.length, removed: 0 });
    expect(faultsIn(checks)).toEqual([]);
    await expectEqual();
  });

  test('rows can be read back from the tables if the log is gone', async () => {
    for (const table of tables.slice(0, 2)) {
      const rows = (await readBackFromAthena(engine, prefix)(table, 'default')) ?? [];
      expect(rows.length).toBeGreaterThan(0);
      expect(rows[0]).toMatchObject({ partOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/), seq: expect.any(Number) });
    }
  });
});

interface Home {
  readonly engine: Engine;
  readonly databases: ReturnType<typeof databasesOf>;
}

/** Names of tables and views that differ, with how many rows do. */
async function differences(one: Home, other: Home, tables: readonly Table[]): Promise<readonly string[]> {
  const [these, those] = [one, other].map(({ databases }) => selectsOf(databases, tables));
  const found: string[] = [];
  for (const [name, sql] of these ?? []) {
    const rows = await rowsOf(one.engine, sql);
    const others = new Set(await rowsOf(other.engine, those?.get(name) ?? ''));
    const strange = rows.filter((row) => !others.has(row));
    if (strange.length > 0 || rows.length !== others.size)
      found.push(`${name}: ${rows.length}, ${others.size}; ${strange[0]}`);
  }
  return found;
}

/** What tells the time it is asked (`freshness`) is left out. */
function selectsOf(databases: Home['databases'], tables: readonly Table[]): ReadonlyMap<string, string> {
  const views = viewsFor(tables, VIEWS, databases).filter(({ name }) => name !== 'freshness');
  return new Map([
    ...(['phi', 'safe'] as const).flatMap((home) =>
      tables.map(({ name }) => [`${home} ${name}`, `SELECT * FROM "${databases[home]}"."${name}"`] as const),
    ),
    // Each home makes its checks at its own times.
    ...OWN_TABLES.filter(({ name }) => name !== 'checks').map(({ name, columns }) => {
      // DuckDB does not say how many bytes it scanned.
      const both = Object.keys(columns).filter((column) => column !== 'scanned_bytes');
      return [name, `SELECT ${both.join(', ')} FROM "${databases.safe}"."${name}"`] as const;
    }),
    ...views.map(({ name }) => [name, `SELECT * FROM "${databases.safe}"."${name}"`] as const),
    ...readQuestions().map(({ name, sql }) => [`question ${name}`, sql] as const),
  ]);
}

async function rowsOf(engine: Engine, sql: string): Promise<readonly string[]> {
  const { columns, rows } = await engine.query(sql);
  return rows.map((row) => row.map((value, n) => `${columns[n]}=${textOf(value)}`).join('|'));
}

/** Sums of doubles differ in their last digits by the order they are added in. */
function textOf(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  return typeof value === 'string' && /^-?\d+\.\d+$/.test(value) ? String(Number(value)) : String(value);
}

/** As CDK declares it. */
function stagingTable(table: Table, database: string, bucket: string): string {
  const location = `s3://${bucket}/staging/${table.name}/`;
  const columns = stagingColumns(table).map(({ name, type }) => `\`${name}\` ${type}`);
  const properties = {
    'projection.enabled': 'true',
    'projection.acct.type': 'enum',
    'projection.acct.values': 'default',
    'projection.day.type': 'date',
    'projection.day.format': 'yyyy-MM-dd',
    'projection.day.range': '2025-01-01,NOW+1DAYS',
    'projection.day.interval': '1',
    'projection.day.interval.unit': 'DAYS',
    'storage.location.template': `${location}acct=\${acct}/day=\${day}/`,
  };
  const list = Object.entries(properties).map(([name, value]) => `'${name}'='${value}'`);
  return [
    `CREATE EXTERNAL TABLE ${database}.${table.name} (${columns.join(', ')})`,
    'PARTITIONED BY (`acct` string, `day` string)',
    `STORED AS PARQUET LOCATION '${location}' TBLPROPERTIES (${list.join(', ')})`,
  ].join(' ');
}
