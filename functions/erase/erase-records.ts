import { callVersions } from '../../schemas/call-versions.ts';
import type { Databases } from '../../schemas/derive/databases.ts';
import { ConfigError } from '../errors.ts';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { type ErasedName, noteErased, readErasedRecords } from '../lake/erasure-ledger.ts';
import { type LeaseName, whileHeld } from '../lake/hold-accounts.ts';
import type { Lease, LeasePorts } from '../lake/lease.ts';
import { readProgress } from '../lake/load-progress.ts';
import { randomHex, type StreamId } from '../lake/objects.ts';
import { tablesOf } from '../load/plan.ts';
import type { Engine, Ports, Store } from '../ports.ts';
import type { Source } from '../source/source.ts';
import { countMentions } from './count-mentions.ts';
import { findInCopies } from './find-in-copies.ts';
import { countRecords, type FoundRecords, findRecords } from './find-records.ts';
import { type LeftElsewhere, leftElsewhere } from './left-elsewhere.ts';
import { erasedNamesOf, type PurgedLake, purgeLake } from './purge-account.ts';
import type { PurgeCount } from './purge-commits.ts';
import { countVersions, deleteTexts } from './purge-warehouse.ts';
import { checkNamesPerson, keyTexts, type Selector, sourcesFor, wantedRecords } from './selector.ts';
import { servedNames } from './served-names.ts';

/** What an erasure needs. */
export interface ErasePorts extends LeasePorts, Pick<Ports, 'store' | 'codec' | 'parquet' | 'readParquet' | 'log'> {
  readonly engine: Engine;
  readonly databases: Databases;
  readonly hashKey: () => Promise<string>;
  /** The key of the ledger, which the first erasure makes. */
  readonly erasureKey: () => Promise<string>;
}

/** What is erased. */
export interface EraseRequest {
  readonly selector: Selector;
  readonly sources: readonly Source[];
  /** Accounts by source. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  /** Leases besides those of the accounts, for example the loader's on AWS. @default none */
  readonly leases?: readonly LeaseName[];
  /** Only counts. @default false */
  readonly isDryRun?: boolean;
  /** Erases however many they are. @default false */
  readonly isConfirmed?: boolean;
  /** Asks whether so many records of all are meant. @default nobody can be asked */
  readonly confirm?: ((records: number, total: number) => Promise<boolean>) | undefined;
}

/** What an erasure did. It names no person and no record. */
export interface Certificate {
  readonly at: string;
  readonly by: Selector['kind'];
  readonly isDryRun: boolean;
  /** Rows that were erased, or would be, by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Records among these of which only earlier versions have the number, id or hash. */
  readonly earlier: number;
  /** Raw copies of records without a key, which no table has. */
  readonly keyless: number;
  /** What was looked at in the lake, and what was changed or deleted; undefined if nothing was erased. */
  readonly lake: Readonly<Record<Place, PurgeCount>> | undefined;
  /** Objects that killed runs had left behind; all were deleted. */
  readonly orphans: number;
  /** Rows that stay and have the number or id in some text; undefined if it was not looked for. */
  readonly mentions: number | undefined;
  readonly elsewhere: LeftElsewhere;
}

/** More records are erased only if somebody has confirmed it: this number, and this share of all. */
const MOST_UNCONFIRMED = 25;
const MOST_UNCONFIRMED_SHARE = 0.01;

/** One account of a source. */
interface Owner {
  readonly source: Source;
  readonly account: string;
}

/**
 * Erases records and all that belongs to them. They are noted in the ledger first, so that nothing brings them back; then every copy in
 * the lake loses them, then the warehouse. After a kill, run it again: it finds what the warehouse still has.
 * @throws ConfigError if a run is in progress, if something is not loaded yet, or if so many records need a confirmation
 */
export function eraseRecords(request: EraseRequest, ports: ErasePorts): Promise<Certificate> {
  const { selector, accounts, leases = [] } = request;
  const sources = sourcesFor(selector, request.sources);
  const owners = sources.flatMap((source) => (accounts[source.name] ?? []).map((account) => ({ source, account })));
  const names = owners.map(({ source, account }): LeaseName => [source.name, account]);
  const work = (held: ErasePorts, check: Check) => eraseFrom(owners, request, held, check);
  return whileHeld([...names, ...leases], ports, { wait: 'the records are erased', work });
}

/** Throws once another process has taken a lease over. */
type Check = Lease['check'];

async function eraseFrom(
  owners: readonly Owner[],
  request: EraseRequest,
  ports: ErasePorts,
  check: Check,
): Promise<Certificate> {
  const { selector, sources, isDryRun = false } = request;
  const { engine } = ports;
  await engine.prepare(tablesOf(sources));
  for (const owner of owners) await checkLoaded(owner, ports);
  const hashKey = await ports.hashKey();
  checkNamesPerson(selector, hashKey);
  const { found, records, total } = await findAll(owners, selector, hashKey, ports);
  const isErased = !isDryRun && found.length > 0;
  if (isErased) await checkConfirmed(records, total, request);
  const rows = await countRows(found, ports);
  const sum = (figure: (one: FoundRecords) => number) => found.reduce((all, one) => all + figure(one), 0);
  // Whoever had to confirm may have taken hours, and records may have come since.
  await check();
  const purged = isErased ? await purgeAll(found, { selector, hashKey, check }, ports) : undefined;
  // A killed erasure may have deleted every row, and not yet their blocks.
  if (!isDryRun) await engine.eraseFreedBlocks?.();
  return {
    at: new Date(ports.now()).toISOString(),
    by: selector.kind,
    isDryRun,
    rows,
    earlier: sum(({ earlier }) => earlier),
    keyless: sum(({ keyless }) => keyless),
    lake: purged?.lake,
    orphans: purged?.orphans ?? 0,
    mentions: isDryRun ? undefined : await countMentions(selector, request, ports),
    elsewhere: await leftElsewhere(
      ports.store,
      await engine.identity(),
      request.sources.map(({ name }) => name),
    ),
  };
}

/** Finds the records in every account, in the warehouse and in copies in the lake. */
async function findAll(owners: readonly Owner[], selector: Selector, hashKey: string, ports: ErasePorts) {
  const { store, engine, databases, erasureKey } = ports;
  const found: FoundRecords[] = [];
  let [records, total] = [0, 0];
  for (const { source, account } of owners) {
    const id = { source: source.name, account };
    const erased = selector.kind === 'call' ? undefined : await readErasedRecords(store, id, erasureKey);
    for (const wanted of await wantedRecords(selector, { source, account }, { engine, databases, hashKey })) {
      const { stream, isMeant } = wanted;
      const [table] = stream.tables;
      total += await countRecords(table, account, ports);
      const search = { ...wanted, erased, texts: keyTexts(hashKey) };
      const inCopies = isMeant && (await findInCopies({ ...search, isMeant }, ports));
      const one = await findRecords(wanted, ports, inCopies && { inCopies, erased });
      if (one) found.push(one);
      records += one?.keys.get(table)?.size ?? 0;
    }
  }
  return { found, records, total };
}

/** The warehouse must know every record. @throws ConfigError if a stream has commits that it does not hold */
async function checkLoaded({ source, account }: Owner, { store, engine, log }: ErasePorts): Promise<void> {
  const warehouse = await engine.identity();
  for (const stream of Object.keys(source.streams)) {
    const id = { source: source.name, account, stream };
    const { n } = await readProgress(store, warehouse, id, log);
    if (!(await hasRowsAfter(store, id, n))) continue;
    throw new ConfigError(
      'not everything that was read is loaded, so that records could be missed; load it first (callhouse run, or on AWS the function load), then run this again',
      id,
    );
  }
}

async function hasRowsAfter(store: Store, id: StreamId, n: number): Promise<boolean> {
  for await (const { staged } of readCommitsAfter(store, id, n)) if (staged.length > 0) return true;
  return false;
}

/** @throws ConfigError that says how many records they are */
async function checkConfirmed(records: number, total: number, request: EraseRequest): Promise<void> {
  const { selector, isConfirmed = false, confirm = async () => false } = request;
  if (isConfirmed || selector.kind === 'call') return;
  if (records <= Math.max(MOST_UNCONFIRMED, total * MOST_UNCONFIRMED_SHARE)) return;
  if (await confirm(records, total)) return;
  throw new ConfigError(
    `${records} of ${total} records would be erased for ever; nothing was changed. See which they are with --dry-run, and add --yes if they are meant`,
  );
}

/** Places of a lake that are purged. */
const PLACES = ['raw', 'staged', 'commits', 'digests'] as const;
type Place = (typeof PLACES)[number];

/** Purges what was found, in an order that a kill may interrupt anywhere: the warehouse, where records are found, comes last. */
async function purgeAll(
  found: readonly FoundRecords[],
  { selector, hashKey, check }: { readonly selector: Selector; readonly hashKey: string; readonly check: Check },
  ports: ErasePorts,
) {
  const { engine, databases, log } = ports;
  const purged: PurgedLake[] = [];
  for (const one of found) {
    await noteFound(one, await servedNames(one, selector, hashKey, ports), ports);
    purged.push(await purgeLake(one, { hashKey, check }, ports));
    await check();
    for (const sql of deleteTexts(one, databases)) await engine.execute(sql);
    log('info', 'erased records from the lake and the warehouse', { source: one.source.name, account: one.account });
  }
  const sum = (figure: (lake: PurgedLake) => number) => purged.reduce((all, lake) => all + figure(lake), 0);
  const counts = PLACES.map((place) => {
    const count: PurgeCount = { looked: sum((one) => one[place].looked), changed: sum((one) => one[place].changed) };
    return [place, count] as const;
  });
  const lake = Object.fromEntries(counts) as Record<Place, PurgeCount>;
  return { lake, orphans: sum(({ orphans }) => orphans) };
}

/** Notes the records in the ledger, by every name that they have. @param served names as the vendor serves them */
async function noteFound(found: FoundRecords, served: readonly ErasedName[], ports: ErasePorts): Promise<void> {
  const names = [...erasedNamesOf(found), ...served];
  const id = { source: found.source.name, account: found.account };
  const object = randomHex(16, ports.random);
  await noteErased(ports.store, id, names, { key: await ports.erasureKey(), at: ports.now(), object });
}

async function countRows(found: readonly FoundRecords[], ports: ErasePorts): Promise<Readonly<Record<string, number>>> {
  const rows: Record<string, number> = {};
  const add = (name: string, count: number) => {
    if (count > 0) rows[name] = (rows[name] ?? 0) + count;
  };
  for (const one of found) {
    for (const [{ name }, own] of one.keys) add(name, own.size);
    add(callVersions.name, await countVersions(one, ports));
  }
  return rows;
}
