import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { canonicalize, roundToSixDigits } from '../../helpers/oracle/canonical.ts';
import { compareTables } from '../../helpers/oracle/compare-tables.ts';
import { parseExact, writeExact } from '../../helpers/oracle/exact-json.ts';
import type { ExpectedTable } from '../../helpers/oracle/expected-row.ts';
import { expectedTables } from '../../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../../helpers/oracle/read-warehouse.ts';
import { TABLE_SHAPES, type TableShape } from '../../helpers/oracle/table-shapes.ts';
import { ask, askJson } from './ask.ts';

const DAY_MS = 86_400_000;
const KEY = 'k'.repeat(32);
const SQL_TYPES: Readonly<Record<string, string>> = {
  bigint: 'BIGINT',
  double: 'DOUBLE',
  doubles: 'DOUBLE[]',
  money: 'DECIMAL(18, 6)',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
};

/** Writes what is expected into a DuckDB file with the types of the design: a warehouse without a fault. */
async function writeWarehouse(path: string, tables: ReadonlyMap<string, ExpectedTable>): Promise<void> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run('CREATE SCHEMA callhouse; CREATE SCHEMA callhouse_phi');
  for (const [name, rows] of tables) {
    const shape: TableShape | undefined = Object.entries(TABLE_SHAPES).find(([table]) => table === name)?.[1];
    for (const [schema, half] of [['callhouse', 'safe'] as const, ['callhouse_phi', 'phi'] as const]) {
      const columns = Object.keys([...rows.values()][0]?.[half] ?? {});
      const types = columns.map(
        (column) => `"${column}" ${SQL_TYPES[shape?.columns[column]?.kind ?? ''] ?? 'VARCHAR'}`,
      );
      await connection.run(`CREATE TABLE ${schema}.${name} (${types.join(', ')}, _deleted_at TIMESTAMP)`);
      const values = [...rows.values()].map((row) => {
        const cells = columns.map((column) => quote(row[half][column] ?? null));
        return `(${cells.join(', ')}, ${row.live ? 'NULL' : "'2026-11-01'"})`;
      });
      for (let at = 0; at < values.length; at += 200) {
        await connection.run(`INSERT INTO ${schema}.${name} VALUES ${values.slice(at, at + 200).join(', ')}`);
      }
    }
  }
  connection.closeSync();
  instance.closeSync();
}

function quote(text: string | null): string {
  return text === null ? 'NULL' : `'${text.replaceAll("'", "''")}'`;
}

describe('exact JSON', () => {
  test.each([
    {
      json: ' { "b" : [ 1 , 9007199254740993 , 1.50, 1e3 ] , "a" : {} , "2":null,"1":true } ',
      written: '{"b":[1,9007199254740993,1.5,1000],"a":{},"2":null,"1":true}',
    },
    { json: '"\\u00e9\\/\\n\\"\\ud83d\\ude00"', written: '"é/\\n\\"😀"' },
    { json: '[]', written: '[]' },
  ])('reads and writes $json', ({ json, written }) => {
    expect(writeExact(parseExact(json))).toBe(written);
  });

  test.each(['', '{', '[1 2]', '{"a" 1}', '{"a":1,}x', '01x', '[1] 2', 'nul'])('refuses %j', (json) => {
    expect(() => parseExact(json)).toThrow(SyntaxError);
  });

  test('reads a string of a megabyte', () => {
    const long = JSON.stringify('x"\\y'.repeat(250_000));
    expect(writeExact(parseExact(long))).toBe(long);
  });
});

describe('canonical text', () => {
  test.each([
    ['0.98', '0.980000'],
    ['0.1234565', '0.123457'],
    ['-0.017', '-0.017000'],
    ['1e-7', '0.000000'],
    ['5e-7', '0.000001'],
    ['-1e-9', '0.000000'],
    ['12', '12.000000'],
    ['999999.9999995', '1000000.000000'],
    ['1.5e+21', '1500000000000000000000.000000'],
  ])('rounds %s to %s', (shortest, money) => {
    expect(roundToSixDigits(shortest)).toBe(money);
  });

  test.each([
    ['"2026-10-05T12:00:00.123000+00:00"', '2026-10-05T12:00:00.123Z'],
    ['"2026-10-05T12:00:00"', '2026-10-05T12:00:00.000Z'],
    ['"2026-10-05T12:00:00.5-05:00"', '2026-10-05T17:00:00.500Z'],
    ['1703097600000', '2023-12-20T18:40:00.000Z'],
    ['"soon"', null],
  ])('writes instant %s as %s', (json, instant) => {
    expect(canonicalize('timestamp', parseExact(json))).toBe(instant);
  });
});

describe('oracle', () => {
  let sims: Simulators;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oracle-'));
    sims = await startSimulators({ callsPerVendor: 120, sharedCalls: 1 });
    for (const page of [1, 2]) await ask(sims, 'solum', `/v1/calls?limit=100&page=${page}`);
    await ask(sims, 'zudu', '/api/calls?limit=100');
    for (const id of [101, 102, 103, 104, 105]) {
      await ask(sims, 'kismet', `/api/external/organization_users/${id}/calls?per_page=100`);
    }
    sims.advance(12 * DAY_MS);
  });
  afterAll(async () => {
    await sims.close();
    await rm(folder, { recursive: true });
  });

  test('asks for rows that were served, or for all that can be', () => {
    const served = expectedTables(sims, { hashKey: KEY });
    const servable = expectedTables(sims, { hashKey: KEY, include: 'servable' });
    expect(served.get('kalem_calls')?.size).toBe(0);
    expect(servable.get('kalem_calls')?.size).toBeGreaterThan(90);
    expect(served.get('solum_calls')?.size).toBeLessThan(servable.get('solum_calls')?.size ?? 0);
    expect([...(served.get('solum_calls')?.values() ?? [])].every((row) => row.everServed)).toBe(true);
  });

  test('marks removed calls deleted, and keeps the calls of a removed user', () => {
    const tables = expectedTables(sims, { hashKey: KEY });
    const solum = [...(tables.get('solum_calls')?.values() ?? [])];
    const removed = solum.filter((row) => !row.live);
    expect(removed.length).toBeGreaterThan(0);
    expect(removed.every((row) => row.removedAt !== undefined && !row.servedNow)).toBe(true);
    const orphans = [...(tables.get('kismet_calls')?.values() ?? [])].filter((row) => !row.servedNow);
    expect(orphans.length).toBeGreaterThan(0);
    expect(orphans.every((row) => row.live && row.safe['organization_user_id'] === '105')).toBe(true);
  });

  test('gives the row of the record as it is served now', async () => {
    const { data } = await askJson<{ data: Record<string, string>[] }>(sims, 'solum', '/v1/calls?limit=100');
    const rows = expectedTables(sims, { hashKey: KEY }).get('solum_calls');
    expect(data.length).toBeGreaterThan(0);
    for (const call of data) {
      const row = rows?.get(JSON.stringify(['default', call['id']]));
      expect(row?.phi['summary']).toBe(call['summary']);
      const number = call['customer_number'] ?? null;
      const hash = number === null ? null : createHmac('sha256', KEY).update(`phone\0${number}`).digest('hex');
      expect(row?.safe['customer_number_hash']).toBe(hash);
      expect('customer_number' in (row?.safe ?? {})).toBe(false);
    }
  });

  test('blanks what callers opted out of', () => {
    const rows = [...(expectedTables(sims, { hashKey: KEY, include: 'servable' }).get('zudu_calls')?.values() ?? [])];
    const refused = rows.filter((row) => row.safe['opt_out_sensitive_data_storage'] !== 'false');
    expect(refused.length).toBeGreaterThan(0);
    for (const { phi } of refused) {
      expect([phi['transcript'], phi['events'], phi['_extra'], phi['recording_url']]).toEqual([null, null, null, null]);
    }
    expect(rows.some(({ phi }) => phi['_extra']?.includes('"created_at":'))).toBe(true);
  });

  test('gives participants who left as deleted rows', async () => {
    const path = '/api/external/organization_users/101/calls?per_page=100';
    const busy = await startSimulators({ callsPerVendor: 1000, days: 8, users: 1 });
    await ask(busy, 'kismet', path);
    for (let step = 0; step < 12; step += 1) {
      busy.advance(10 * 60_000);
      await ask(busy, 'kismet', path);
    }
    const rows = [...(expectedTables(busy, { hashKey: KEY }).get('kismet_call_participants')?.values() ?? [])];
    expect(rows.some((row) => !row.live && !row.servedNow)).toBe(true);
    await busy.close();
  });

  test('finds no difference in a correct warehouse, and every difference in a wrong one', async () => {
    const path = join(folder, 'warehouse.duckdb');
    const expected = expectedTables(sims, { hashKey: KEY, include: 'servable' });
    await writeWarehouse(path, expected);
    expect(compareTables(expected, await readWarehouse(path))).toEqual([]);
    const instance = await DuckDBInstance.create(path);
    const connection = await instance.connect();
    await connection.run("UPDATE callhouse.solum_calls SET duration_min = 1.5 WHERE status = 'done'");
    await connection.run('DELETE FROM callhouse_phi.zudu_calls');
    await connection.run('ALTER TABLE callhouse.kalem_calls ADD COLUMN to_number VARCHAR');
    await connection.run("UPDATE callhouse.kalem_calls SET _deleted_at = '2026-11-02'");
    connection.closeSync();
    instance.closeSync();
    const found = compareTables(expected, await readWarehouse(path), { most: 10_000 }).join('\n');
    expect(found).toMatch(/callhouse\.solum_calls \["default","[^"]+"\]: duration_min is "1.5", expected/);
    expect(found).toMatch(/callhouse_phi\.zudu_calls .*: the row is missing/);
    expect(found).toContain('callhouse.kalem_calls: column to_number should not be there');
    expect(found).toMatch(/callhouse\.kalem_calls .*: the row is marked deleted, expected live/);
    expect(compareTables(expected, await readWarehouse(path))).toHaveLength(21);
  });
});
