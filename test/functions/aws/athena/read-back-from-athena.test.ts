import { describe, expect, test } from 'vitest';
import { readBackFromAthena } from '../../../../functions/aws/athena/read-back-from-athena.ts';
import { SqlError, StorageError } from '../../../../functions/errors.ts';
import type { Engine, QueryResult } from '../../../../functions/ports.ts';
import { kalemCalls } from '../../../../schemas/tables/kalem.ts';

function engineWith(query: (sql: string) => Promise<QueryResult>): Engine {
  return {
    dialect: 'athena',
    identity: async () => 'x',
    prepare: async () => {},
    atomically: (work) => work(),
    stage: async () => {},
    execute: async () => ({ changed: 0 }),
    query,
    close: async () => {},
  };
}

describe('readBackFromAthena', () => {
  test('reads keys and timestamps of one account from the safe table', async () => {
    let asked = '';
    const seen = new Date('2026-11-20T09:00:00Z');
    const engine = engineWith(async (sql) => {
      asked = sql;
      return { columns: [], rows: [['call-1', '2026-11-20', seen, null, 7]] };
    });
    expect(await readBackFromAthena(engine, 'clinic')(kalemCalls, "o'n")).toEqual([
      { key: ['call-1'], partOn: '2026-11-20', firstSeenAt: seen.getTime(), deletedAt: undefined, seq: 7 },
    ]);
    expect(asked).toBe(
      `SELECT "call_id", "_part_on", "_first_seen_at", "_deleted_at", "_seq" FROM "clinic"."kalem_calls" WHERE "account" = 'o''n'`,
    );
  });

  test('fails if Athena does not find the table, because the role may not see it', async () => {
    const engine = engineWith(() => Promise.reject(new SqlError('TABLE_NOT_FOUND')));
    const read = readBackFromAthena(engine)(kalemCalls, 'default');
    await expect(read).rejects.toThrow(StorageError);
    await expect(read).rejects.toThrow(
      /kalem: Athena does not find table callhouse\.kalem_calls.*deploy the stage again/,
    );
  });

  test('fails if Athena cannot be queried, because starting from nothing would lose days and numbers', async () => {
    const engine = engineWith(() => Promise.reject(new StorageError('denied')));
    await expect(readBackFromAthena(engine)(kalemCalls, 'default')).rejects.toThrow('denied');
  });
});
