import { DATABASES, type Databases } from '../../schemas/derive/databases.ts';
import type { ExitCode } from '../errors.ts';
import { commitDigest } from '../lake/commit-digest.ts';
import { newDigest } from '../lake/digest.ts';
import { readErasedRecords } from '../lake/erasure-ledger.ts';
import { type LeaseName, whileHeld } from '../lake/hold-accounts.ts';
import type { LeasePorts } from '../lake/lease.ts';
import { STAGING_KEY } from '../lake/objects.ts';
import { streamsToLoad } from '../load/plan.ts';
import type { Engine, Ports } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { Source } from '../source/source.ts';
import { mergeNewestFirst } from './merge-newest-first.ts';
import { reload, type StreamToReload, setAside } from './reload.ts';
import { type ReplayedStream, replayAccount } from './replay-account.ts';
import type { ReplayPorts } from './stream-replay.ts';

/** What is replayed. */
export interface ReplayRequest {
  readonly sources: readonly Source[];
  /** Accounts that have commits, by source. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  readonly settings: Settings;
  /** Leases besides those of the accounts, for example the loader's on AWS. @default none */
  readonly leases?: readonly LeaseName[];
  readonly databases?: Databases;
}

/** What a replay needs: everything of a run but the network. */
export interface ReplayHomePorts extends ReplayPorts, LeasePorts, Pick<Ports, 'secrets' | 'hashKey' | 'erasureKey'> {
  readonly engine: Engine;
}

/** Rows of one table. */
export interface ReplayedRows {
  /** Rows whose last version was made again from the raw copy. */
  readonly rebuilt: number;
  /** Rows without a raw copy of their last version: they have the values that were staged, or that the warehouse held. */
  readonly kept: number;
}

/** What a replay did. */
export interface ReplayResult {
  readonly tables: Readonly<Record<string, ReplayedRows>>;
  /** Staged files that were written again. */
  readonly files: number;
  /** Streams whose digest changed. */
  readonly digests: number;
  /** Rows of callers that opted out, whose number hashes became null: nothing is stored that they could be made from. */
  readonly lostHashes: number;
  /** Removals whose staged rows and digest are gone: the next two full scans mark them again. */
  readonly lostRemovals: number;
  readonly error?: string | undefined;
  readonly exitCode: ExitCode;
}

/**
 * Makes tables, digests and state again from the raw copies and the commits, by the present declarations. The vendors are not asked. If
 * it is killed at any moment, run it again.
 * @throws ConfigError if a run is in progress; StateError, StorageError
 */
export async function replay(request: ReplayRequest, ports: ReplayHomePorts): Promise<ReplayResult> {
  const names = Object.entries(request.accounts).flatMap(([source, accounts]) =>
    accounts.map((account): LeaseName => [source, account]),
  );
  const { leases = [] } = request;
  return whileHeld([...names, ...leases], ports, {
    wait: 'the replay has ended',
    work: (held) => replayHeld(request, held),
  });
}

async function replayHeld(request: ReplayRequest, ports: ReplayHomePorts): Promise<ReplayResult> {
  const streams: ReplayedStream[] = [];
  const hashKey = await ports.hashKey();
  for (const source of request.sources)
    for (const account of request.accounts[source.name] ?? [])
      streams.push(...(await replayAccount(await accountOf(source, account, { ...request, hashKey }, ports), ports)));
  const { accounts, databases = DATABASES } = request;
  const plan = { streams: streamsToLoad(request.sources), accounts, databases };
  const toReload = streams.map(
    ({ replay: { id, stream, tally } }): StreamToReload => ({ id, tables: stream.tables, unread: tally.unread }),
  );
  await setAside(plan, toReload, ports);
  const changed = streams.filter(({ known }) => known.isChanged);
  for (const { replay: one, known } of changed)
    await commitDigest(one.id, { ...one, digest: newDigest(known), runId: 'replay' }, ports);
  // Without transactions, readers see each statement's changes.
  if ((ports.engine.statementsAtOnce ?? 1) > 1) await mergeNewestFirst(plan, toReload, ports);
  const { load, kept } = await reload(plan, toReload, ports);
  // Maintenance deletes staged files that were made again as it deletes new ones.
  await ports.store.delete(STAGING_KEY);
  const sum = (of: 'files' | 'lostHashes' | 'lostRemovals') =>
    streams.reduce((total, { replay: { tally } }) => total + tally[of], 0);
  return {
    tables: countRows(streams, kept),
    files: sum('files'),
    digests: changed.length,
    lostHashes: sum('lostHashes'),
    lostRemovals: sum('lostRemovals'),
    error: load.error,
    exitCode: load.exitCode,
  };
}

async function accountOf(
  source: Source,
  account: string,
  { settings, hashKey }: { readonly settings: Settings; readonly hashKey: string },
  { secrets, store, erasureKey }: Pick<ReplayHomePorts, 'secrets' | 'store' | 'erasureKey'>,
) {
  const { optOutWhenAbsent, safeValues } = settings.sources[source.name] ?? {};
  const removal = settings.onVendorRemoval === 'blank' ? ('blank' as const) : ('delete' as const);
  const { options: names = [] } = source;
  const options = names.length > 0 ? await secrets.read(source.name, account, [], names) : {};
  const erased = await readErasedRecords(store, { source: source.name, account }, erasureKey);
  return { source, account, rules: { hashKey, removal, optOutWhenAbsent, safeValues, erased }, options };
}

function countRows(
  streams: readonly ReplayedStream[],
  keptInWarehouse: Readonly<Record<string, number>>,
): Readonly<Record<string, ReplayedRows>> {
  const tables: Record<string, ReplayedRows> = {};
  for (const { replay: one } of streams) {
    for (const [{ name }, rows] of one.tally.rows) {
      const before = tables[name] ?? { rebuilt: 0, kept: keptInWarehouse[name] ?? 0 };
      const rebuilt = [...rows.values()].filter(Boolean).length;
      tables[name] = { rebuilt: before.rebuilt + rebuilt, kept: before.kept + rows.size - rebuilt };
    }
  }
  return tables;
}
