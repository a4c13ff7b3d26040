import type { Table } from '../../schemas/table.ts';
import { compileNames } from '../extract/rows/erased.ts';
import type { ErasedName } from '../lake/erasure-ledger.ts';
import type { Lease } from '../lake/lease.ts';
import { commitPrefix, digestPrefix } from '../lake/objects.ts';
import type { Ports } from '../ports.ts';
import { type CopyPorts, copyFolders } from '../purge/purge-copies.ts';
import type { Source, Stream } from '../source/source.ts';
import type { ErasedOfStream } from './erasure-of-copies.ts';
import { recordTest } from './find-in-copies.ts';
import type { FoundRecords } from './find-records.ts';
import { type PurgeCount, purgeCommits } from './purge-commits.ts';
import { purgeDigest } from './purge-digest.ts';
import { keyTexts } from './selector.ts';

/** What was purged in a lake. */
export interface PurgedLake {
  readonly raw: PurgeCount;
  readonly staged: PurgeCount;
  readonly commits: PurgeCount;
  readonly digests: PurgeCount;
  readonly orphans: number;
}

/** What purging needs. */
export type PurgePorts = CopyPorts & Pick<Ports, 'now' | 'random'>;

/** Names of the found records, as the ledger keeps them: those of the records themselves, and of all rows that belong to them. */
export function erasedNamesOf({ source, keys, aliases }: FoundRecords): readonly ErasedName[] {
  return [...keys].flatMap(([table, found], n) => {
    const stream = streamOf(source, table);
    if (stream === undefined) return [];
    const own = [...found].map((text): ErasedName => ({ stream, by: 'key', text }));
    return n > 0 ? own : [...own, ...[...aliases].map((text): ErasedName => ({ stream, by: 'alias', text }))];
  });
}

/** The stream whose records are the rows of a table; undefined for a table of child rows. */
function streamOf({ streams }: Source, table: Table): string | undefined {
  return Object.keys(streams).find((name) => streams[name]?.tables[0] === table);
}

/** What an erasure works with. */
interface UnderLease {
  readonly hashKey: string;
  readonly check: Lease['check'];
}

/** Removes found records from every copy in the lake. The lease of the account is held. */
export async function purgeLake(
  found: FoundRecords,
  { hashKey, check }: UnderLease,
  ports: PurgePorts,
): Promise<PurgedLake> {
  const { source, account, matches } = found;
  const total = { raw: NONE, staged: NONE, commits: NONE, digests: NONE, orphans: 0 };
  for (const [name, stream] of Object.entries(source.streams)) {
    if (!stream.tables.some((table) => matches.some((match) => match.table === table))) continue;
    const copies = erasedOfStream(found, name, stream, hashKey);
    const purged = await purgeCommits(copies, check, ports);
    const digest = {
      entries: new Set(found.keys.get(stream.tables[0])),
      cursors: copies.partitions,
      firstKeys: stream.tables[0] === matches[0]?.table ? found.aliases : new Set<string>(),
    };
    const isInDigest = await purgeDigest({ source: source.name, account, stream: name }, digest, ports);
    total.raw = sum(total.raw, purged.raw);
    total.staged = sum(total.staged, purged.staged);
    total.commits = sum(total.commits, purged.commits);
    total.digests = sum(total.digests, { looked: 1, changed: isInDigest ? 1 : 0 });
    total.orphans += purged.orphans;
    for (const prefix of [
      ...copyFolders(copies).map(({ folder }) => folder),
      commitPrefix(copies.id),
      digestPrefix(copies.id),
    ])
      await ports.store.forgetVersions?.(prefix);
  }
  return total;
}

const NONE: PurgeCount = { looked: 0, changed: 0 };

function sum(one: PurgeCount, other: PurgeCount): PurgeCount {
  return { looked: one.looked + other.looked, changed: one.changed + other.changed };
}

/** Characters that JSON writes in one way only, so that a text of them can be searched for in bytes. */
const PLAIN = /^[\w.:+-]+$/;

/** The erased records in the copies of a stream. */
export function erasedOfStream(found: FoundRecords, name: string, stream: Stream, hashKey: string): ErasedOfStream {
  const { source, account, matches, keys, aliases } = found;
  const texts = keyTexts(hashKey);
  const erased = new Set(erasedNamesOf(found).map(idOf));
  const parents = new Set([...keys].flatMap(([table, own]) => (table === stream.tables[0] ? [] : [...own])));
  const all = new Set([...[...keys.values()].flatMap((own) => [...own]), ...aliases]);
  const [main] = stream.tables;
  const isMeant = found.isMeant && main === matches[0]?.table ? recordTest(stream.tables, found.isMeant) : undefined;
  return {
    id: { source: source.name, account, stream: name },
    stream,
    matches: matches.filter(({ table }) => stream.tables.includes(table)),
    partitions: stream.kind === 'per-parent' || stream.kind === 'details' ? parents : new Set(),
    texts: all,
    namesOf: compileNames(source, name, texts),
    isErased: (one) => erased.has(idOf(one)),
    isMeant,
    traces: !isMeant && [...all].every((text) => PLAIN.test(text)) ? [...all] : undefined,
    held: texts,
  };
}

function idOf({ stream, by, text }: ErasedName): string {
  return JSON.stringify([stream, by, text]);
}
