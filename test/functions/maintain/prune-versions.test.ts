import { describe, expect, test } from 'vitest';
import { type CallhouseError, StorageError } from '../../../functions/errors.ts';
import type { MaintainPorts } from '../../../functions/maintain/plan.ts';
import { pruneVersions } from '../../../functions/maintain/prune-versions.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';

const plan = {
  streams: [
    { source: 'kalem', stream: 'calls', tables: [kalemCalls] },
    { source: 'unused', stream: 'calls', tables: [{ ...kalemCalls, name: 'unused' }] },
  ],
  accounts: { kalem: ['default'] },
};
const TABLES = ['callhouse.loads', 'callhouse.rejects', 'callhouse_phi.kalem_calls', 'callhouse.kalem_calls'];
const upTo = (n: number) => Array.from({ length: n }, (_, version) => version);

/** A catalog whose tables have these versions, listed 100 at a time in this order. */
function catalog(kept: Readonly<Record<string, readonly number[]>>, more: Partial<MaintainPorts> = {}) {
  const tables = new Map(TABLES.map((table) => [table, [...(kept[table] ?? [0])]]));
  const errors: CallhouseError[] = [];
  const requests: number[] = [];
  const ports = {
    log: () => {},
    remainingMs: () => Number.POSITIVE_INFINITY,
    versions: {
      async *list(database: string, table: string) {
        const all = [...(tables.get(`${database}.${table}`) ?? [])];
        for (let at = 0; at < all.length; at += 100) yield all.slice(at, at + 100);
      },
      async delete(database: string, table: string, versions: readonly number[]) {
        requests.push(versions.length);
        const name = `${database}.${table}`;
        tables.set(name, tables.get(name)?.filter((version) => !versions.includes(version)) ?? []);
      },
    },
    ...more,
  } as unknown as MaintainPorts;
  return { tables, errors, requests, prune: () => pruneVersions(plan, ports, (error) => errors.push(error)) };
}

describe('pruneVersions', () => {
  test('keeps the 10 greatest versions of every table that loads change, and no more are deleted the next time', async () => {
    const { tables, prune } = catalog(Object.fromEntries(TABLES.map((table) => [table, upTo(50)])));
    expect(await prune()).toBe(160);
    for (const table of TABLES) expect(tables.get(table)).toEqual(upTo(50).slice(40));
    expect(await prune()).toBe(0);
  });

  test.each([
    ['oldest first', upTo(1234)],
    ['newest first', upTo(1234).reverse()],
    ['in no order', upTo(1234).sort((a, b) => ((a * 7919) % 1234) - ((b * 7919) % 1234))],
  ])('prunes very many versions that are listed %s, 100 in a request', async (_, versions) => {
    const { tables, requests, prune } = catalog({ 'callhouse.loads': versions });
    expect(await prune()).toBe(1224);
    expect(tables.get('callhouse.loads')?.sort((a, b) => a - b)).toEqual(upTo(1234).slice(1224));
    expect(Math.max(...requests)).toBe(100);
  });

  test('deletes none of 10 versions', async () => {
    const { requests, prune } = catalog({ 'callhouse.loads': upTo(10) });
    expect(await prune()).toBe(0);
    expect(requests).toEqual([]);
  });

  test('reports a table that fails, and prunes the others', async () => {
    const { errors, tables, prune } = catalog({ 'callhouse.rejects': upTo(20), 'callhouse.kalem_calls': upTo(20) });
    const first = tables.get('callhouse.rejects');
    Object.defineProperty(first, 'filter', {
      value: () => {
        throw new StorageError('denied');
      },
    });
    expect(await prune()).toBe(10);
    expect(errors.map(({ message }) => message)).toEqual(['denied']);
  });

  test('says once that time is used up', async () => {
    const { errors, prune } = catalog({ 'callhouse.loads': upTo(20) }, { remainingMs: () => 10_000 });
    expect(await prune()).toBe(0);
    expect(errors.map(({ name }) => name)).toEqual(['OutOfTimeError']);
  });
});
