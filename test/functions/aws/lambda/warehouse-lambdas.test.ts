import { describe, expect, test, vi } from 'vitest';
import { handler as extract } from '../../../../functions/aws/lambda/extract-lambda.ts';
import { lambdaProcess } from '../../../../functions/aws/lambda/lambda-ports.ts';
import { handler as load } from '../../../../functions/aws/lambda/load-lambda.ts';
import { handler as maintain } from '../../../../functions/aws/lambda/maintain-lambda.ts';
import { betweenLoads, type WarehousePorts } from '../../../../functions/aws/lambda/warehouse-ports.ts';
import { s3Store } from '../../../../functions/aws/s3/s3-store.ts';
import type { MaintainResult } from '../../../../functions/handlers/maintain.ts';
import { HOUR_MS } from '../../../helpers/clinic.ts';
import { contextFor, lambdaWorld } from '../../../helpers/lambda-world.ts';

const world = lambdaWorld();

describe('the load Lambda', () => {
  test('merges each commit once', async () => {
    await extract(world.tick(), contextFor(60_000));
    world.athena.executions.length = 0;
    expect(await load({}, contextFor(900_000))).toMatchObject({ commits: 1, exitCode: 0 });
    const merged = world.athena.executions.map(({ sql }) =>
      /^MERGE INTO "(\w+)"\."(\w+)"/.exec(sql)?.slice(1).join('.'),
    );
    // The first statement asks which commits the warehouse holds.
    expect(merged.slice(0, 3)).toEqual([undefined, 'callhouse_phi.kalem_calls', 'callhouse.kalem_calls']);
    expect(world.figures().slice(-3)).toEqual([
      { RowsLoaded: 0, stage: 'dev' },
      { LoadLagMinutes: 0, stage: 'dev' },
      { LoadFailures: 0, stage: 'dev' },
    ]);
    expect(world.figures().filter(({ ScannedBytes: bytes }) => bytes === 10)).toHaveLength(
      world.athena.executions.length + 1,
    );
    expect([...world.s3.objects.keys()].filter((key) => key.includes('progress/statements'))).toEqual([]);
  });

  test('returns its failure, and emits it with its code, its bytes and how long the oldest commit waits', async () => {
    const at = new Date(Date.now() - 3 * HOUR_MS);
    vi.useFakeTimers({ now: at, toFake: ['Date'] });
    await extract(world.tick(), contextFor(60_000));
    vi.useRealTimers();
    world.athena.scripts = [{}, { states: ['FAILED'], reason: 'HIVE_BAD_DATA: Jane', scannedBytes: 77 }];
    const failed = await load({}, contextFor(900_000));
    expect(failed).toMatchObject({ exitCode: 5, error: expect.stringContaining('HIVE_BAD_DATA') });
    expect(world.lines.join('\n')).not.toContain('Jane');
    expect(world.figures().slice(-5)).toEqual([
      { ScannedBytes: 77, stage: 'dev' },
      { RowsLoaded: 0, stage: 'dev' },
      { LoadLagMinutes: 180, stage: 'dev' },
      { RunOutcome: 1, stage: 'dev', code: '5' },
      { LoadFailures: 1, stage: 'dev' },
    ]);
  });

  test('counts a fault that a check found by its own metric, because everything is loaded', async () => {
    await extract(world.tick(), contextFor(60_000));
    const found = {
      columns: [...'abcde'].map((name): [string, string] => [name, name < 'd' ? 'varchar' : 'bigint']),
      rows: [['kalem_calls', 'kalem', 'default', '2', '0']],
    };
    // The warehouse is asked what it holds; then both twins, loads and rejects are changed.
    world.athena.scripts = [{}, {}, {}, {}, {}, found];
    const message = 'kalem_calls, account default: 2 keys occur more than once; expected none';
    expect(await load({}, contextFor(900_000))).toMatchObject({ commits: 1, exitCode: 4, faults: [message] });
    expect(world.figures().slice(-5)).toEqual([
      { FailedChecks: 1, stage: 'dev' },
      { RowsLoaded: 0, stage: 'dev' },
      { LoadLagMinutes: 0, stage: 'dev' },
      { RunOutcome: 1, stage: 'dev', code: '4' },
      { LoadFailures: 0, stage: 'dev' },
    ]);
    expect(world.athena.executions.at(-1)?.sql).toContain('MERGE INTO "callhouse"."checks"');
  });

  test.each([
    ['account', '{"kalem":["default"]}'],
    ['source', '{"solum":["default"]}'],
  ])('loads what was extracted before its %s was removed from the stage', async (_, named) => {
    vi.stubEnv('CALLHOUSE_ACCOUNT', 'north');
    await extract(world.tick(), contextFor(60_000));
    vi.stubEnv('CALLHOUSE_SOURCES', named);
    expect(await load({}, contextFor(900_000))).toMatchObject({ commits: 1, exitCode: 0 });
    const merges = world.athena.executions.map(({ sql }) => sql).filter((sql) => /^MERGE.*kalem_calls/.test(sql));
    expect(merges.map((sql) => sql.includes(`s."acct" = 'north'`))).toEqual([true, true]);
  });

  test('returns at once if another copy is running', async () => {
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    world.s3.objects.set('lake/leases/warehouse/load/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await load({}, contextFor(900_000))).toEqual({ error: expect.stringContaining('another run'), exitCode: 0 });
    // Were this a load that did not fail, no alarm would ring while every other one is killed.
    expect(world.figures()).toEqual([]);
  });
});

describe('an event that Lambda sends again because it was killed', () => {
  const EVENT = '6b1a1b0e-0000-4000-8000-000000000000';
  const killed = { host: 'lambda-killed', pid: 1, born: EVENT, at: Date.now() };

  test.each([
    ['kalem/default', () => extract(world.tick(), contextFor(60_000, EVENT))],
    ['warehouse/load', () => load({}, contextFor(900_000, EVENT))],
    ['warehouse/maintain', () => maintain(world.tick(), contextFor(900_000, EVENT))],
  ])('takes over the lease of %s, so that it does the work or is killed again', async (lease, invoke) => {
    world.s3.objects.set(`lake/leases/${lease}/000000000001.json`, Buffer.from(JSON.stringify(killed)));
    const result = await invoke();
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.error).toBeUndefined();
  });
});

describe('the maintain Lambda', () => {
  test('compacts every table by account, and emits the number of failed checks', async () => {
    const result = await maintain(world.tick(), contextFor(900_000));
    expect(result).toMatchObject({ exitCode: 0, compacted: 5 });
    const statements = world.athena.executions.map(({ sql }) => sql);
    expect(statements).toContain(
      "OPTIMIZE callhouse_phi.kalem_calls REWRITE DATA USING BIN_PACK WHERE account = 'default'",
    );
    expect(statements).toContain('VACUUM callhouse.loads');
    expect(world.figures().at(-1)).toEqual({ FailedChecks: 0, stage: 'dev' });
    expect(world.athena.calls.filter(({ name }) => name === 'GetTableVersions').length).toBeGreaterThan(4);
  });

  test.each(['2026-11-31T03:00:00Z', '2026-11-21T03:00:00'])('refuses %s, which is no instant', async (at) => {
    expect(await maintain({ at }, contextFor(900_000))).toMatchObject({ exitCode: 2 });
    expect(world.athena.executions).toEqual([]);
  });

  test('compacts the tables of an account that was removed from the stage, but expects no further run of it', async () => {
    const { at } = world.tick();
    for (const account of ['default', 'north']) {
      vi.stubEnv('CALLHOUSE_ACCOUNT', account);
      await extract({ at }, contextFor(60_000));
    }
    const later = new Date(Date.parse(at) + 48 * HOUR_MS).toISOString();
    const { checks } = (await maintain({ at: later }, contextFor(900_000))) as MaintainResult;
    const overdue = checks.filter(({ check }) => check === 'freshness');
    const message = 'calls: the last complete run was 2 days ago; expected one within a day';
    expect(overdue).toMatchObject([{ account: 'default', found: 1, message }]);
    const statements = world.athena.executions.map(({ sql }) => sql);
    for (const account of ['default', 'north'])
      expect(statements).toContain(
        `OPTIMIZE callhouse.kalem_calls REWRITE DATA USING BIN_PACK WHERE account = '${account}'`,
      );
  });

  test('compacts no table while a load is in progress, and says so', async () => {
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    world.s3.objects.set('lake/leases/warehouse/load/000000000001.json', Buffer.from(JSON.stringify(lease)));
    const result = await maintain(world.tick(), contextFor(125_000));
    expect(result).toMatchObject({
      exitCode: 6,
      compacted: 0,
      error: expect.stringContaining('loads were in progress'),
    });
    expect(world.athena.executions.filter(({ sql }) => /^(OPTIMIZE|VACUUM)/.test(sql))).toEqual([]);
  });

  test('waits for a load that ends, and lets none begin meanwhile', async () => {
    const ports = {
      ...{ store: s3Store({ bucket: 'lake' }), now: Date.now, random: Math.random, log: () => {} },
      remainingMs: () => 900_000,
      process: lambdaProcess({ awsRequestId: 'waiting' }),
    } as unknown as WarehousePorts;
    const key = 'lake/leases/warehouse/load/000000000001';
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    world.s3.objects.set(`${key}.json`, Buffer.from(JSON.stringify(lease)));
    setTimeout(() => world.s3.objects.set(`${key}.released`, Buffer.from('{}')), 50);
    const held = () => [...world.s3.objects.keys()].filter((name) => name.includes('warehouse/load'));
    const second = 'lake/leases/warehouse/load/000000000002';
    expect(await betweenLoads(ports, async () => held(), 20)).toEqual([`${second}.json`]);
    expect(held()).toEqual([`${second}.json`, `${second}.released`]);
  });

  test('leaves tables to the next night if time runs out', async () => {
    expect(await maintain(world.tick(), contextFor(60_000))).toMatchObject({ exitCode: 6, compacted: 0 });
  });
});
