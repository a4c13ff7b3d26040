import { DATABASES } from '../../schemas/derive/databases.ts';
import { hashColumns } from '../../schemas/derive/rehash.ts';
import { namedColumns } from '../../schemas/derive/rename-keys.ts';
import type { Table } from '../../schemas/table.ts';
import type { ExitCode } from '../errors.ts';
import { changeObject } from '../lake/change-object.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { markHashKey, markRotation } from '../lake/hash-key-mark.ts';
import { type LeaseName, whileHeld } from '../lake/hold-accounts.ts';
import type { Lease, LeasePorts } from '../lake/lease.ts';
import type { StreamId } from '../lake/objects.ts';
import { compressorOf } from '../lake/raw-pages.ts';
import { type LoadPlan, tablesOfStreams } from '../load/plan.ts';
import type { Engine, Log, Ports } from '../ports.ts';
import { findKeys, streamIds } from './find-keys.ts';
import { type NewHashes, rehashStaged } from './rehash-staged.ts';
import { type RehashCount, rehashTable } from './rehash-table.ts';
import { openNamedLog, renameInCommit, renameInLog } from './rename-log.ts';
import { renameRows } from './rename-rows.ts';
import { decideNames, forgetNames, type RenamedKeys, renameIn } from './renamed-keys.ts';

/** What a rotation needs. */
export interface RotationPorts extends LeasePorts, Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet' | 'log'> {
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
  /** Keys that do not show their text and have another hash now; `unread` of them were not made from the text, which is not stored. */
  readonly keys: { readonly renamed: number; readonly unread: number };
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
  const accounts = Object.entries(plan.accounts).flatMap(([source, names]) =>
    names.map((name): LeaseName => [source, name]),
  );
  const rotate = async (held: RotationPorts, check: Lease['check']): Promise<RotationResult> => {
    const { store, engine } = held;
    const hashKey = await newKey();
    await markRotation(store, hashKey);
    await engine?.prepare(tablesOfStreams(plan.streams));
    const { found, rows: named, logs } = await findKeys(plan, held);
    const renamed = await decideNames(store, found, hashKey);
    let files = 0;
    for (const { id, tables } of streamIds(plan)) files += await rehashStream(id, tables, { hashKey, renamed }, held);
    for (const id of logs) await renameLog(id, renamed, held);
    for (const rows of engine ? named : [])
      await renameRows({ ...rows, databases: plan.databases }, renamed, { ...held, engine: engine as Engine });
    const counts = engine ? await rehashWarehouse(plan, hashKey, { ...held, engine }) : new Map<string, RehashCount>();
    await check();
    await forgetNames(store);
    await markHashKey(store, hashKey);
    const by = (figure: keyof RehashCount) =>
      Object.fromEntries([...counts].flatMap(([name, count]) => (count[figure] > 0 ? [[name, count[figure]]] : [])));
    const keys = { renamed: renamed.size, unread: found.names.size - found.texts.size };
    return { files, rows: by('rows'), lost: by('lost'), keys, exitCode: 0 };
  };
  return whileHeld([...accounts, ...leases], ports, { wait: 'the key is rotated', work: rotate });
}

/** @returns the number of staged files that were written again */
async function rehashStream(
  id: StreamId,
  tables: readonly Table[],
  hashes: NewHashes,
  ports: RotationPorts,
): Promise<number> {
  const isHashed = (table: Table) =>
    hashColumns(table).length > 0 || (hashes.renamed.size > 0 && namedColumns(table).length > 0);
  const held = new Map(tables.filter(isHashed).map((table) => [table.name, table]));
  let files = 0;
  for await (const commit of readCommitsAfter(ports.store, id, 0)) {
    const { staged, raw } = commit;
    await renameInCommit(commit, hashes.renamed, ports.store);
    for (const file of staged) {
      const table = held.get(file.table);
      if (table && (await rehashStaged(file.key, table, hashes, ports))) files += 1;
    }
    // A page holds such a key in place of the text only if its record opted out.
    if (hashes.renamed.size > 0 && tables[0]?.optOut)
      for (const key of raw) await renameInRaw(key, id, hashes.renamed, ports);
  }
  ports.log('info', 'hashed staged files anew', { ...id, files });
  return files;
}

/** A page keeps its length, see {@link renameIn}, and every other byte. */
async function renameInRaw(key: string, id: StreamId, renamed: RenamedKeys, ports: RotationPorts): Promise<void> {
  const compressor = compressorOf(key, ports, id);
  await changeObject(ports.store, key, async (body) => {
    const text = (await compressor.expand(body)).toString('latin1');
    const present = renameIn(text, renamed);
    return present === text ? undefined : compressor.compress(Buffer.from(present, 'latin1'));
  });
}

async function renameLog(id: StreamId, renamed: RenamedKeys, ports: RotationPorts): Promise<void> {
  const log = await openNamedLog(id, ports);
  if (log) await renameInLog(id, log, renamed, ports);
}

async function rehashWarehouse(
  plan: LoadPlan,
  hashKey: string,
  ports: RotationPorts & { readonly engine: Engine },
): Promise<ReadonlyMap<string, RehashCount>> {
  const { engine } = ports;
  const { accounts, databases = DATABASES } = plan;
  const counts = new Map<string, RehashCount>();
  for (const table of tablesOfStreams(plan.streams).filter((one) => hashColumns(one).length > 0)) {
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
