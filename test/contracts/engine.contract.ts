import { describe, expect, test } from 'vitest';
import { SqlError, StorageError } from '../../functions/errors.ts';
import type { Engine, StagedFile, Store } from '../../functions/ports.ts';
import { loads } from '../../schemas/bookkeeping.ts';
import { insertText } from '../../schemas/derive/insert.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import { sampleCalls } from '../helpers/sample-table.ts';
import { days, ms, type StagedRow, stageRows } from '../helpers/staging.ts';

/** An empty warehouse and the store its staged files lie in. */
export interface OpenEngine {
  readonly engine: Engine;
  readonly store: Store;
}

const ID = { source: 'sample', account: 'default', stream: 'calls' };
const FULL: StagedRow = {
  id: "o'neil",
  order: 9007199254740993n,
  number: '+15550100',
  number_hash: 'ff',
  notes: '{"free":"text"}',
  status: 'done',
  score: 0.1,
  flag: false,
  started_at: ms('2026-02-01T10:00:00.123Z'),
  date: days('2026-02-01'),
  cost: '1.250001',
  values: [1.5, null],
  details: '[]',
  _extra: '{"new":1}',
};
const ROW = {
  ...{ load_id: 'l1', source: 's', account: 'a', stream: 'c', status: 'ok', window_from: null, vendor_total: null },
  ...{
    window_to: '2026-01-01T00:00:00.5Z',
    requests: 1,
    records: 2,
    changed: 3,
    unchanged: 4,
    deleted: 5,
    rejected: 6,
  },
  ...{ started_at: '2026-01-01T00:00:00.123Z', ended_at: '2026-01-01T01:00:00Z' },
};

/** What every SQL engine does; `open` gives an empty warehouse, closed when the test ends. */
export function engineContract(open: () => Promise<OpenEngine>): void {
  const prepared = async () => {
    const opened = await open();
    await opened.engine.prepare([sampleCalls]);
    return opened;
  };

  async function mergeRows(
    { engine, store }: OpenEngine,
    n: number,
    rows: readonly StagedRow[],
  ): Promise<readonly number[]> {
    const file = await stageRows(store, sampleCalls, ID, { n }, rows);
    await engine.stage(sampleCalls, [file]);
    const scope = scopeOf(n, file);
    const phi = await engine.execute(mergeText(sampleCalls, 'phi', scope), `phi-${n}-${scope.partFrom}`);
    const safe = await engine.execute(mergeText(sampleCalls, 'safe', scope), `safe-${n}-${scope.partFrom}`);
    return [phi.changed, safe.changed];
  }

  describe('an engine', () => {
    test('keeps one identity, and can be prepared a second time', async () => {
      const { engine } = await prepared();
      await engine.prepare([sampleCalls]);
      expect(await engine.identity()).toBe(await engine.identity());
      expect(await engine.identity()).toMatch(/^[A-Za-z0-9._=-]+$/);
    });

    test('merges a staged row into the safe and the sensitive table, each column with its type', async () => {
      const opened = await prepared();
      expect(await mergeRows(opened, 1, [FULL])).toEqual([1, 1]);
      const phi = await opened.engine.query(
        'SELECT id, "order", number, notes, _extra, _deleted_at FROM callhouse_phi.sample_calls',
      );
      expect(phi.rows).toEqual([["o'neil", 9007199254740993n, '+15550100', '{"free":"text"}', '{"new":1}', null]]);
      const columns = 'id, number_hash, status, score, flag, started_at, date, cost, details, _seq, _load_id';
      const safe = await opened.engine.query(`SELECT ${columns} FROM callhouse.sample_calls`);
      expect(safe.columns).toEqual(columns.split(', '));
      const started = new Date('2026-02-01T10:00:00.123Z');
      expect(safe.rows).toEqual([
        ["o'neil", 'ff', 'done', 0.1, false, started, '2026-02-01', '1.250001', '[]', 1, 'load-calls-1'],
      ]);
    });

    test('changes nothing when the same rows come again, or older ones', async () => {
      const opened = await prepared();
      await mergeRows(opened, 5, [FULL]);
      const scope = scopeOf(5, { partFrom: '2026-03-01', partTo: '2026-03-01', deletes: 0 });
      expect((await opened.engine.execute(mergeText(sampleCalls, 'safe', scope), 'again')).changed).toBe(0);
      expect(await mergeRows(opened, 4, [{ ...FULL, status: 'older' }])).toEqual([0, 0]);
      expect((await opened.engine.query('SELECT status FROM callhouse.sample_calls')).rows).toEqual([['done']]);
    });

    test('marks deleted rows; an opt-out also empties sensitive columns, and a blank operation hashes too', async () => {
      const opened = await prepared();
      const key = { order: 1n };
      await mergeRows(opened, 1, [
        { ...FULL, ...key, id: 'marked' },
        { ...FULL, ...key, id: 'blanked' },
        { ...FULL, ...key, id: 'redacted' },
      ]);
      await mergeRows(opened, 2, [
        { ...key, id: 'marked', _op: 'delete' },
        { ...key, id: 'blanked', _op: 'blank' },
        { ...key, id: 'redacted', _op: 'redact' },
        { ...key, id: 'never seen', _op: 'delete' },
      ]);
      const at = new Date('2026-03-01T00:00:00.000Z');
      const phi = await opened.engine.query(
        'SELECT id, notes, _extra, _deleted_at FROM callhouse_phi.sample_calls ORDER BY id',
      );
      expect(phi.rows).toEqual([
        ['blanked', null, null, at],
        ['marked', FULL['notes'], FULL['_extra'], at],
        ['redacted', null, null, at],
      ]);
      const safe = await opened.engine.query(
        'SELECT id, status, number_hash, _deleted_at FROM callhouse.sample_calls ORDER BY id',
      );
      expect(safe.rows).toEqual([
        ['blanked', 'done', null, at],
        ['marked', 'done', 'ff', at],
        ['redacted', 'done', 'ff', at],
      ]);
    });

    test('writes a row of the run log only once', async () => {
      const { engine } = await prepared();
      const sql = insertText(loads, [ROW, { ...ROW, load_id: "l'2" }]);
      expect((await engine.execute(sql, 'books-1')).changed).toBe(2);
      expect((await engine.execute(`${sql} `, 'books-2')).changed).toBe(0);
      const { rows } = await engine.query(
        'SELECT load_id, window_from, window_to, vendor_total, records FROM callhouse.loads ORDER BY 1',
      );
      const to = new Date('2026-01-01T00:00:00.500Z');
      expect(rows).toEqual([
        ["l'2", null, to, null, 2],
        ['l1', null, to, null, 2],
      ]);
    });

    test('returns numbers, nulls and empty results unchanged', async () => {
      const { engine } = await prepared();
      const { columns, rows } = await engine.query("SELECT 1 AS a, CAST(NULL AS varchar) AS b, 'x' AS c, 0.5e0 AS d");
      expect({ columns, rows }).toEqual({ columns: ['a', 'b', 'c', 'd'], rows: [[1, null, 'x', 0.5]] });
      expect((await engine.query('SELECT id FROM callhouse.sample_calls')).rows).toEqual([]);
    });

    test.each([
      { says: 'is not SQL', sql: 'SELEC 1' },
      { says: 'names an unknown column', sql: 'SELECT nothing FROM callhouse.sample_calls' },
    ])('refuses a query that $says', async ({ sql }) => {
      const { engine } = await prepared();
      await expect(engine.query(sql)).rejects.toThrow(SqlError);
    });

    test('fails with the name of a staged file that does not exist', async () => {
      const opened = await prepared();
      const file = await stageRows(opened.store, sampleCalls, ID, { n: 1 }, [FULL]);
      await opened.store.delete(file.key);
      const work = async () => {
        await opened.engine.stage(sampleCalls, [file]);
        await opened.engine.execute(mergeText(sampleCalls, 'phi', scopeOf(1, file)), 'missing');
      };
      // An engine that lists folders cannot know; the loader looks for the files beforehand.
      if (opened.engine.dialect === 'duckdb') await expect(work()).rejects.toThrow(StorageError);
    });
  });
}

function scopeOf(n: number, { partFrom, partTo, deletes }: Pick<StagedFile, 'partFrom' | 'partTo' | 'deletes'>) {
  const rows = { account: ID.account, loadIds: [`load-calls-${n}`], days: ['2026-03-01'] };
  return { ...rows, partFrom, partTo, removals: deletes > 0 };
}
