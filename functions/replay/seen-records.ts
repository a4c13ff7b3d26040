import { columnIndex } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { instantsIn, placesOf } from '../extract/pages/page-tally.ts';
import type { FlatRow } from '../extract/rows/flatten.ts';
import type { OwnedRecord } from '../extract/rows/owned-record.ts';
import type { Ownership } from '../source/page.ts';
import { type StoredRecord, storedPages } from './stored-pages.ts';
import type { SeenRecords, StreamReplay } from './stream-replay.ts';

/** What staged rows say about their partition, by the names that columns read it by. */
export type Facts = Readonly<Record<string, Value>>;

/** Columns that read a fact of the partition, and the name of that fact. */
export function factColumns({ columns }: Table): readonly (readonly [column: string, fact: string])[] {
  return Object.entries(columns).flatMap(([name, { paths }]) => {
    const fact = paths.find((path) => path.startsWith('$'));
    return fact === undefined ? [] : [[name, fact.slice(1)] as const];
  });
}

/** What a staged row says about the partition of its record. */
export function factsOf(table: Table, row: readonly Value[]): Facts {
  const at = columnIndex(table);
  const facts = factColumns(table).map(([column, fact]) => {
    const value = row[at(column)] ?? null;
    return [fact, typeof value === 'bigint' ? String(value) : value] as const;
  });
  return Object.fromEntries(facts);
}

/**
 * Flattens the records of raw objects by the present declaration.
 * @param facts what the staged rows of these records say about their partitions, by key
 */
export async function seeRecords(
  replay: StreamReplay,
  raw: readonly string[],
  facts: ReadonlyMap<string, Facts> = new Map(),
): Promise<SeenRecords> {
  const inOrder: OwnedRecord[] = [];
  const records = new Map<string, OwnedRecord>();
  const children = new Map<Table, Map<string, FlatRow>>();
  const shownIn = new Map<string, string[]>();
  for await (const page of storedPages(replay, raw, replay.ports)) {
    for (const stored of page) {
      const seen = flattenStored(replay, stored, { facts, shownIn });
      if (!seen) continue;
      inOrder.push(seen);
      records.set(seen.row.key, seen);
      for (const [table, rows] of seen.children) {
        const known = children.get(table) ?? new Map<string, FlatRow>();
        children.set(table, known);
        for (const row of rows) known.set(row.key, row);
      }
    }
  }
  return { inOrder, records, children };
}

interface Surroundings {
  readonly facts: ReadonlyMap<string, Facts>;
  /** Partitions that showed a record before. */
  readonly shownIn: Map<string, string[]>;
}

function flattenStored(
  replay: StreamReplay,
  { record, partition }: StoredRecord,
  { facts, shownIn }: Surroundings,
): OwnedRecord | undefined {
  const known = replay.contextOf(partition);
  const key = replay.keyOf(record, known);
  if (key === undefined || replay.erasedKeyOf?.(record, key, known) !== undefined) return undefined;
  if (replay.isEmptied(key)) replay.dropSensitive(record);
  const own = facts.get(key);
  const earlier = (shownIn.get(key) ?? []).filter((id) => id !== partition);
  shownIn.set(key, [...earlier, partition]);
  const owner = ownerOf(replay, key, { partition, earlier, facts: own });
  const flat = replay.flatten(record, { ...known, ...owner.context, ...own });
  const [place] = placesOf(replay.stream, replay.state.order, (field) => instantsIn([record], field));
  return flat && { ...flat, group: owner.group, ...place };
}

interface Shown {
  readonly partition: string;
  readonly earlier: readonly string[];
  readonly facts: Facts | undefined;
}

/** Where a record belonged: of what the source may have decided, the choice that its staged row agrees with. */
function ownerOf(
  { stream, digest }: StreamReplay,
  key: string,
  { partition, earlier, facts }: Shown,
): Partial<Ownership> {
  const assign = stream.kind === 'collection' ? stream.assignOwner : undefined;
  if (!assign) return stream.partitions && stream.kind !== 'details' ? { group: partition } : {};
  const known = digest.entries.get(key)?.group;
  const choices = [earlier, []].flatMap((before) =>
    [false, true].map((sweep) => assign({ partition, earlier: before, known, sweep })),
  );
  const agrees = ({ context = {} }: Ownership) =>
    facts === undefined || Object.entries(context).every(([name, value]) => textOf(value) === textOf(facts[name]));
  return choices.find(agrees) ?? choices[0] ?? {};
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}
