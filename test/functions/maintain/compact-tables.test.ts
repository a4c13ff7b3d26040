import { describe, expect, test } from 'vitest';
import { type CallhouseError, StorageError, UnfinishedError } from '../../../functions/errors.ts';
import { compactTables, upkeepOf } from '../../../functions/maintain/compact-tables.ts';
import type { MaintainPorts } from '../../../functions/maintain/plan.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';

const plan = {
  streams: [{ source: 'kalem', stream: 'calls', tables: [kalemCalls] }],
  accounts: { kalem: ['default'] },
};
const night = (n: number) => new Date(Date.parse('2026-11-01T03:00:00Z') + n * 86_400_000);

/** A warehouse that runs one statement at a time. @param failures errors by a part of the statement */
function warehouse(failures: Readonly<Record<string, CallhouseError>> = {}) {
  const store = memoryStore();
  const errors: CallhouseError[] = [];
  const sent: string[] = [];
  const compact = async (at: Date, tablesInTime = 99) => {
    sent.length = 0;
    errors.length = 0;
    const done = () => sent.filter((sql) => sql.startsWith('VACUUM')).length;
    const engine = {
      dialect: 'athena',
      statementsAtOnce: 1,
      async execute(sql: string) {
        sent.push(sql);
        for (const [part, error] of Object.entries(failures)) if (sql.includes(part)) throw error;
        return { changed: 0 };
      },
    };
    const remainingMs = () => (done() < tablesInTime ? 900_000 : 100_000);
    const ports = { store, engine, log: () => {}, remainingMs } as unknown as MaintainPorts;
    return compactTables(plan, at, ports, (error) => errors.push(error));
  };
  const vacuumed = () => sent.flatMap((sql) => /^VACUUM (\S+)/.exec(sql)?.[1] ?? []);
  return { store, errors, sent, compact, vacuumed };
}

test('versions are compacted for the accounts of the sources that have any', () => {
  const streams = [...plan.streams, { source: 'solum', stream: 'calls', tables: [solumCalls] }];
  const upkeep = upkeepOf({ streams, accounts: { kalem: ['default'], solum: ['east', 'west'] } });
  expect(upkeep.filter(({ table }) => table.endsWith('versions'))).toEqual([
    {
      table: 'callhouse.call_versions',
      statements: [
        ...['east', 'west'].map(
          (account) => `OPTIMIZE callhouse.call_versions REWRITE DATA USING BIN_PACK WHERE account = '${account}'`,
        ),
        'VACUUM callhouse.call_versions',
      ],
    },
  ]);
});

describe('compactTables', () => {
  test('begins with the bookkeeping, which changes most often', async () => {
    const { compact, vacuumed, sent } = warehouse();
    expect(await compact(night(0))).toBe(5);
    expect(vacuumed()).toEqual([
      ...[
        'callhouse.loads',
        'callhouse.rejects',
        'callhouse.checks',
        'callhouse_phi.kalem_calls',
        'callhouse.kalem_calls',
      ],
    ]);
    expect(sent[0]).toBe('OPTIMIZE callhouse.loads REWRITE DATA USING BIN_PACK');
  });

  test('begins the next night with the tables that time cut off', async () => {
    const { compact, vacuumed, errors } = warehouse();
    expect(await compact(night(0), 4)).toBe(4);
    expect(errors.map(({ message }) => message).join()).toContain('before 1 tables were compacted');
    await compact(night(1), 2);
    expect(vacuumed()).toEqual(['callhouse.kalem_calls', 'callhouse.loads']);
  });

  test('takes a statement that needs more runs as done for tonight, and goes on with the next', async () => {
    const { compact, vacuumed, errors } = warehouse({ 'OPTIMIZE callhouse.loads': new UnfinishedError('more runs') });
    expect(await compact(night(0))).toBe(5);
    expect(vacuumed()[0]).toBe('callhouse.loads');
    expect(errors).toEqual([]);
  });

  test('reports a table that fails, compacts the others, and begins with it the next night', async () => {
    const { compact, vacuumed, errors } = warehouse({ 'VACUUM callhouse.rejects': new StorageError('denied') });
    expect(await compact(night(0))).toBe(4);
    expect(errors.map(({ message }) => message)).toEqual(['denied']);
    await compact(night(1));
    expect(vacuumed()[0]).toBe('callhouse.rejects');
  });

  test('begins as on the first night if its notes are damaged', async () => {
    const { store, compact, vacuumed } = warehouse();
    await compact(night(0), 1);
    store.objects.set('progress/upkeep.json', Buffer.from('[]'));
    await compact(night(1));
    expect(vacuumed()[0]).toBe('callhouse.loads');
  });
});
