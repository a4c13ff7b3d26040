import { DATABASES } from '../../schemas/derive/databases.ts';
import { hashColumns } from '../../schemas/derive/rehash.ts';
import type { Table } from '../../schemas/table.ts';
import type { ExitCode } from '../errors.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { markHashKey } from '../lake/hash-key-mark.ts';
import { type LeaseName, whileHeld } from '../lake/hold-accounts.ts';
import type { LeasePorts } from '../lake/lease.ts';
import type { LoadPlan, StreamToLoad } from '../load/plan.ts';
import type { Engine, Log, Ports } from '../ports.ts';
import { rehashStaged } from './rehash-staged.ts';
import { type RehashCount, rehashTable } from './rehash-table.ts';

/** What a rotation needs. */
export interface RotationPorts extends LeasePorts, Pick<Ports, 'store' | 'parquet' | 'readParquet' | 'log'> {
  /** The warehouse; undefined if nothing was loaded yet. */
  readonly engine: Engine | undefined;
}

/** What is hashed anew, and how the key is found. */
export interface Rotation {
  readonly plan: LoadPlan;
  /** Leases besides those of the accounts, for example the loader's on AWS. @default none */
  readonly leases?: readonly LeaseName[];
  /** Returns the key to hash with. It is called once no run can hash with another key any more. */
  readonly newKey: () => Promise<string>;
}

/** What a rotation did. */
export interface RotationResult {
  /** Staged files that were written again. */
  readonly files: number;
  /** Rows of the warehouse that got new hashes, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Hashes that became null, by table: nothing is stored any more that they could be made from. */
  readonly lost: Readonly<Record<string, number>>;
  readonly exitCode: ExitCode;
}

/**
 * Hashes everything that is stored anew with another key: staged files, so that a replay brings no hash of the old key back, then
 * the warehouse. If it is killed, runs are refused until it was run again.
 * @throws ConfigError if a run is in progress; StateError, StorageError
 */
export async function rotateHashKey(
  { plan, leases = [], newKey }: Rotation,
  ports: RotationPorts,
): Promise<RotationResult> {
  const { store, engine } = ports;
  const accounts = Object.entries(plan.accounts).flatMap(([source, names]) =>
    names.map((name): LeaseName => [source, name]),
  );
  const work = async (): Promise<RotationResult> => {
    const hashKey = await newKey();
    await markHashKey(store, hashKey, true);
    let files = 0;
    for (const stream of plan.streams)
      for (const account of plan.accounts[stream.source] ?? [])
        files += await rehashStream(stream, account, hashKey, ports);
    const counts = engine ? await rehashWarehouse(plan, hashKey, { ...ports, engine }) : new Map<string, RehashCount>();
    await markHashKey(store, hashKey, false);
    const by = (figure: keyof RehashCount) =>
      Object.fromEntries([...counts].flatMap(([name, count]) => (count[figure] > 0 ? [[name, count[figure]]] : [])));
    return { files, rows: by('rows'), lost: by('lost'), exitCode: 0 };
  };
  return whileHeld([...accounts, ...leases], ports, { wait: 'the key is rotated', work });
}

/** @returns the number of staged files that were written again */
async function rehashStream(
  { source, stream, tables }: StreamToLoad,
  account: string,
  hashKey: string,
  ports: RotationPorts,
): Promise<number> {
  const hashed = new Map(withHashes(tables).map((table) => [table.name, table]));
  if (hashed.size === 0) return 0;
  let files = 0;
  for await (const { staged } of readCommitsAfter(ports.store, { source, account, stream }, 0)) {
    for (const file of staged) {
      const table = hashed.get(file.table);
      if (table && (await rehashStaged(file.key, table, hashKey, ports))) files += 1;
    }
  }
  ports.log('info', 'hashed staged files anew', { source, account, stream, files });
  return files;
}

async function rehashWarehouse(
  { streams, accounts, databases = DATABASES }: LoadPlan,
  hashKey: string,
  ports: RotationPorts & { readonly engine: Engine },
): Promise<ReadonlyMap<string, RehashCount>> {
  const { engine } = ports;
  const tables = [...new Set(streams.flatMap((stream) => stream.tables))];
  await engine.prepare(tables);
  const counts = new Map<string, RehashCount>();
  for (const table of withHashes(tables)) {
    for (const account of accounts[table.source] ?? []) {
      const { rows, lost } = await rehashTable({ table, account, hashKey, databases }, ports);
      const before = counts.get(table.name) ?? { rows: 0, lost: 0 };
      counts.set(table.name, { rows: before.rows + rows, lost: before.lost + lost });
      logTable(ports.log, table, account, rows);
    }
  }
  // Whoever knows the old key could still compare guesses with hashes in freed blocks.
  await engine.eraseFreedBlocks?.();
  return counts;
}

function logTable(log: Log, { name, source }: Table, account: string, rows: number): void {
  log('info', 'hashed stored rows anew', { source, account, table: name, rows });
}

function withHashes(tables: readonly Table[]): readonly Table[] {
  return tables.filter((table) => hashColumns(table).length > 0);
}
