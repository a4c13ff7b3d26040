import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { useAthena } from '../../../helpers/use-athena.ts';

const TOKEN = 'a'.repeat(64);
const CONFLICT = { states: ['RUNNING', 'FAILED'], reason: 'ICEBERG_COMMIT_ERROR: Failed to commit transaction' };

const athena = useAthena();
const { open } = athena;
const callsOf = (name: string) => athena.server.calls.filter((call) => call.name === name);
const startTokens = () => callsOf('StartQueryExecution').map(({ input }) => input['ClientRequestToken']);

describe('athenaEngine', () => {
  test('runs a statement in its workgroup and database, and returns the rows changed and bytes scanned', async () => {
    athena.server.scripts = [{ states: ['QUEUED', 'RUNNING', 'SUCCEEDED'], updateCount: 7, scannedBytes: 1234 }];
    const engine = open({ databasePrefix: 'clinic' });
    expect(await engine.execute('MERGE 1', TOKEN)).toEqual({ changed: 7, scannedBytes: 1234 });
    expect(callsOf('StartQueryExecution')[0]?.input).toMatchObject({
      QueryString: 'MERGE 1',
      WorkGroup: 'callhouse-dev-etl',
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'clinic' },
    });
    expect(callsOf('GetQueryExecution')).toHaveLength(3);
    expect(await engine.identity()).toBe('athena-clinic');
  });

  test('takes the number of changed rows from the result if the result contains it', async () => {
    athena.server.scripts = [{ columns: [['rows', 'bigint']], rows: [['3']] }];
    expect((await open().execute('MERGE')).changed).toBe(3);
  });

  test('reads all pages of a result, with typed values', async () => {
    const columns = [
      ['n', 'bigint'],
      ['big', 'bigint'],
      ['x', 'double'],
      ['yes', 'boolean'],
      ['at', 'timestamp'],
      ['zoned', 'timestamp with time zone'],
      ['day', 'date'],
      ['cost', 'decimal'],
      ['text', 'varchar'],
      ['numbers', 'array'],
    ] as const;
    const row = ['1', '9007199254740993', '1.5', 'true', '2026-11-21 09:00:00.123456', '2026-11-21 09:00:00.000 UTC'];
    const whole = [...row, '2026-11-21', '1.200000', '', '[1.0, 2.5]'];
    athena.server.scripts = [
      { columns, rows: [whole, ...Array.from({ length: 5 }, () => Array(10).fill(null))], page: 2 },
    ];
    const { columns: names, rows, scannedBytes } = await open().query('SELECT');
    expect(names).toEqual(columns.map(([name]) => name));
    expect(rows[0]).toEqual([
      1,
      9007199254740993n,
      1.5,
      true,
      new Date('2026-11-21T09:00:00.123Z'),
      new Date('2026-11-21T09:00:00Z'),
      '2026-11-21',
      '1.200000',
      '',
      [1, 2.5],
    ]);
    expect(rows.slice(1)).toEqual(Array(5).fill(Array(10).fill(null)));
    expect(callsOf('GetQueryResults')).toHaveLength(4);
    expect(scannedBytes).toBe(10);
  });

  describe('with a token', () => {
    test('starts a statement once, even if the answer to its start is lost', async () => {
      athena.server.faults = ['lost'];
      await open({ store: memoryStore() }).execute('MERGE', TOKEN);
      expect(startTokens()).toHaveLength(2);
      expect(new Set(startTokens()).size).toBe(1);
      expect(athena.server.executions).toHaveLength(1);
    });

    test('a restarted loader waits for the same execution, wherever the first loader was killed', async () => {
      const store = memoryStore();
      const kill = new Error('killed');
      for (let killAt = 0; ; killAt += 1) {
        athena.server.executions.length = 0;
        athena.server.scripts = [{ states: ['RUNNING', 'RUNNING', 'RUNNING', 'SUCCEEDED'], updateCount: 7 }];
        let effects = 0;
        const dying = <T>(work: () => Promise<T>) => {
          effects += 1;
          if (effects > killAt) throw kill;
          return work();
        };
        const first = open({
          store: {
            ...store,
            put: (...args) => dying(() => store.put(...args)),
            delete: (key) => dying(() => store.delete(key)),
          },
          sleep: async () => dying(async () => {}),
        });
        const survived = await first.execute('MERGE', TOKEN).catch((error: unknown) => error);
        if (survived !== kill) break;
        expect((await open({ store }).execute('MERGE', TOKEN)).changed).toBe(7);
        expect(athena.server.executions).toHaveLength(1);
        expect(store.objects.size).toBe(0);
      }
    });

    test('two loaders at the same time share one execution', async () => {
      const store = memoryStore();
      athena.server.scripts = [{ states: ['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING', 'SUCCEEDED'], updateCount: 7 }];
      const both = await Promise.all([1, 2].map(() => open({ store }).execute('MERGE', TOKEN)));
      expect(both.map(({ changed }) => changed)).toEqual([7, 7]);
      expect(athena.server.executions).toHaveLength(1);
    });

    test('a statement that has ended runs again, because the tables may have been recreated', async () => {
      const engine = open({ store: memoryStore() });
      await engine.execute('MERGE', TOKEN);
      await engine.execute('MERGE', TOKEN);
      expect(athena.server.executions).toHaveLength(2);
    });

    test('a statement runs again if its recorded success is a day old, or Athena no longer knows the execution', async () => {
      const store = memoryStore();
      const note = (id: string) =>
        store.put(`progress/statements/${TOKEN}.json`, Buffer.from(JSON.stringify({ version: 1, nonce: 'n', id })));
      await open().execute('MERGE');
      Object.assign(athena.server.executions[0]?.script ?? {}, { endedAt: new Date(Date.now() - 25 * 3_600_000) });
      await note(athena.server.executions[0]?.id ?? '');
      await open({ store }).execute('MERGE', TOKEN);
      expect(athena.server.executions).toHaveLength(2);
      await note('00000000-0000-0000-0000-000000000000');
      await open({ store }).execute('MERGE', TOKEN);
      expect(athena.server.executions).toHaveLength(3);
      expect(store.objects.size).toBe(0);
    });

    test('a record that cannot be read is replaced', async () => {
      const store = memoryStore();
      await store.put(`progress/statements/${TOKEN}.json`, Buffer.from('{'));
      await open({ store }).execute('MERGE', TOKEN);
      expect(store.objects.size).toBe(0);
    });
  });

  describe('tries again', () => {
    test('a statement that lost against another writer, as a new execution', async () => {
      athena.server.scripts = [CONFLICT, CONFLICT, CONFLICT, { updateCount: 2 }];
      const store = memoryStore();
      expect((await open({ store }).execute('MERGE', TOKEN)).changed).toBe(2);
      expect(new Set(startTokens()).size).toBe(4);
      expect(store.objects.size).toBe(0);
    });

    test('three times, then fails and names the execution', async () => {
      athena.server.scripts = Array(5).fill(CONFLICT);
      const store = memoryStore();
      const failed = open({ store }).execute('MERGE', TOKEN);
      await expect(failed).rejects.toMatchObject({ name: 'StorageError', exitCode: 5 });
      await expect(failed).rejects.toThrow(new RegExp(`ICEBERG_COMMIT_ERROR.*${athena.server.executions[3]?.id}`));
      expect(athena.server.executions).toHaveLength(4);
      expect(store.objects.size).toBe(0);
    });

    test('a statement for which Athena’s quota has no room', { timeout: 30_000 }, async () => {
      const busy = { name: 'StartQueryExecution', type: 'TooManyRequestsException' };
      athena.server.faults = Array(7).fill(busy);
      await open({ client: { ...clientConfig(), maxAttempts: 1 } }).execute('MERGE');
      expect(athena.server.executions).toHaveLength(1);
    });
  });

  test('ends in time with exit 6, and the next load waits for the same execution', async () => {
    athena.server.scripts = [{ states: [...Array(8).fill('RUNNING'), 'SUCCEEDED'], updateCount: 7 }];
    const store = memoryStore();
    let left = 21_000;
    const late = open({ store, remainingMs: () => left, sleep: async (ms) => (left -= ms) }).execute('MERGE', TOKEN);
    await expect(late).rejects.toMatchObject({ name: 'OutOfTimeError', exitCode: 6 });
    expect((await open({ store }).execute('MERGE', TOKEN)).changed).toBe(7);
    expect(athena.server.executions).toHaveLength(1);
  });

  test('stops if it is interrupted', async () => {
    athena.server.scripts = [{ states: ['RUNNING'] }];
    const stopped = open({ signal: AbortSignal.abort() }).execute('MERGE');
    await expect(stopped).rejects.toMatchObject({ exitCode: 130 });
  });

  describe('fails', () => {
    test.each([
      ['COLUMN_NOT_FOUND: line 1:8: Column "x" cannot be resolved', 'SqlError', 'Column "x" cannot be resolved'],
      ['TYPE_MISMATCH: line 1:8: Cannot apply operator', 'SqlError', 'Cannot apply operator'],
      ["INVALID_CAST_ARGUMENT: Cannot cast 'Jane' to BIGINT", 'SqlError', 'does not fit'],
      ['Insufficient permissions: User: arn:Jane is not authorized to perform kms:Decrypt', 'StorageError', 'denied'],
      ['HIVE_CURSOR_ERROR: Failed to read s3://bucket/Jane', 'StorageError', 'HIVE_CURSOR_ERROR'],
      ['Query exhausted resources at this scale factor: Jane', 'StorageError', 'UNKNOWN'],
    ])('with %s as a %s', async (reason, name, shows) => {
      athena.server.scripts = [{ states: ['FAILED'], reason }];
      const error = await open()
        .query('SELECT')
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name });
      expect(String(error)).toContain(shows);
      expect(String(error)).not.toContain('Jane');
    });

    test('at the scan limit, and says what to do', async () => {
      athena.server.scripts = [{ states: ['CANCELLED'], reason: 'Bytes scanned limit was exceeded' }];
      await expect(open().query('SELECT')).rejects.toThrow(/scan more than its workgroup allows/);
    });

    test('if somebody cancels the statement, and says what to do', async () => {
      athena.server.scripts = [{ states: ['CANCELLED'], reason: 'Query cancelled by user' }];
      await expect(open().query('SELECT')).rejects.toThrow('the statement was cancelled in Athena; run it again');
    });

    test.each([
      ['InvalidRequestException', "line 1:1: mismatched input 'x'", 'SqlError', 2],
      ['InvalidRequestException', 'WorkGroup is not found', 'StorageError', 5],
      ['AccessDeniedException', 'User: arn:Jane', 'StorageError', 5],
      ['ExpiredTokenException', 'expired', 'CredentialsError', 2],
    ])('if Athena answers %s (%s)', async (type, message, name, exitCode) => {
      athena.server.faults = [{ name: 'StartQueryExecution', type, message }];
      const error = await open()
        .query('SELECT')
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name, exitCode });
      expect(String(error)).not.toContain('Jane');
    });
  });
});

function clientConfig() {
  return { endpoint: athena.server.url, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } };
}
