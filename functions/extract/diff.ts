import { layoutOf } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Value } from '../../schemas/value.ts';
import { dayOf, parseDay } from '../time.ts';
import { type Child, childId, childKey, readChildren, writeChildren } from './children.ts';
import type { Digest, Entry } from './digest.ts';
import { type FlatRecord, type FlatRow, KEY_SEPARATOR } from './flatten.ts';
import { keyedHash, toE164 } from './hash.ts';
import type { Stager } from './stage.ts';

/** What a record meant to the digest. */
export type Change = 'new' | 'changed' | 'unchanged';

/** Compares rows with the digest and stages those that differ. */
export interface Diff {
  /** @param group list or group of lists the record belongs to */
  record(record: FlatRecord, group: string | undefined): Promise<Change>;
  /** Stages the mark of a removal, of the record's children too. */
  remove(key: string): Promise<void>;
  readonly counts: { changed: number; unchanged: number; deleted: number };
}

/** What rows are completed with. */
export interface DiffOptions {
  readonly tables: readonly [Table, ...Table[]];
  readonly digest: Digest;
  readonly stager: Stager;
  readonly account: string;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  readonly hashKey: string;
  /** What a removal stages: its mark, or its mark and the order to blank the sensitive columns. */
  readonly removal: 'delete' | 'blank';
  /** Number and name of the commit in the making; they change with each commit. */
  readonly commit: () => { readonly n: number; readonly loadId: string };
}

/** Days and instant that stay with a row for ever. */
interface Origin {
  readonly p: number;
  readonly f: number;
}

/** A diff of one run of one stream. */
export function newDiff(options: DiffOptions): Diff {
  const { tables, digest, stager, at } = options;
  const [main, ...rest] = tables;
  const counts = { changed: 0, unchanged: 0, deleted: 0 };
  const complete = rowCompleter(options);
  const bound = rest.filter((table) => table.removal === 'with-parent');

  async function stage(row: FlatRow, origin: Origin): Promise<void> {
    counts.changed += 1;
    await stager.add(row.table, complete(row.table, row.values, origin, 'upsert'));
  }

  async function mark(table: Table, key: string, origin: Origin): Promise<void> {
    counts.deleted += 1;
    await stager.add(table, complete(table, keyValues(table, key), origin, options.removal));
  }

  /** Children that come and go with their record: each is compared by itself, and one that is missing is marked at once. */
  async function boundChildren(record: FlatRecord, before: Entry['c']): Promise<Entry['c']> {
    const children = readChildren(before);
    for (const table of bound) {
      const rows = record.children.get(table);
      if (!rows) continue;
      const shown = new Set<string>();
      for (const row of rows) {
        const id = childId(table, row.key);
        shown.add(id);
        const known = children.get(id);
        const origin = known ?? { p: originOf(row, at).p, f: at };
        if (known?.hash === row.hash && !known.deleted) continue;
        await stage(row, origin);
        children.set(id, { p: origin.p, f: origin.f, hash: row.hash, deleted: false });
      }
      await markChildren(table, children, (id) => !shown.has(id));
    }
    return writeChildren(children);
  }

  async function markChildren(table: Table, children: Map<string, Child>, isGone: (id: string) => boolean) {
    for (const [id, child] of children) {
      const key = childKey(table, id);
      if (key === undefined || child.deleted || !isGone(id)) continue;
      await mark(table, key, child);
      children.set(id, { ...child, deleted: true });
    }
  }

  return {
    counts,
    async record(record, group) {
      const { row } = record;
      const before = digest.entries.get(row.key);
      const origin = before ?? originOf(row, at);
      const c = bound.length > 0 ? await boundChildren(record, before?.c) : undefined;
      const change = !before ? 'new' : before.h !== row.hash || before.d !== undefined ? 'changed' : 'unchanged';
      if (change === 'unchanged') counts.unchanged += 1;
      if (change !== 'unchanged') {
        await stage(row, origin);
        for (const [table, rows] of record.children) {
          if (table.removal === 'with-parent') continue;
          for (const child of rows) await stage(child, { p: originOf(child, at, origin).p, f: origin.f });
        }
      }
      const childrenMoved = c !== before?.c;
      if (change === 'unchanged' && !childrenMoved && before?.s === undefined && before?.g === group) return change;
      digest.set(row.key, {
        h: row.hash,
        p: origin.p,
        f: origin.f,
        ...(group === undefined ? {} : { g: group }),
        ...(before?.w === undefined ? {} : { w: before.w }),
        ...aliasOf(main, row),
        ...(row.optedOut ? { o: 1 as const } : {}),
        ...(c ? { c } : {}),
      });
      return change === 'unchanged' && childrenMoved ? 'changed' : change;
    },
    async remove(key) {
      const entry = digest.entries.get(key);
      if (!entry || entry.d !== undefined) return;
      await mark(main, key, entry);
      const children = readChildren(entry.c);
      for (const table of bound) await markChildren(table, children, () => true);
      const c = writeChildren(children);
      const { s: _suspected, ...rest } = entry;
      digest.set(key, { ...rest, d: at, ...(c ? { c } : {}) });
    },
  };
}

/** Fills in what the pipeline adds to a row. */
function rowCompleter({ account, at, hashKey, commit }: DiffOptions) {
  const places = new Map<Table, ReadonlyMap<string, number>>();
  let order = 0n;
  return (table: Table, values: Value[], { p, f }: Origin, op: 'upsert' | 'delete' | 'blank'): readonly Value[] => {
    const place = places.get(table) ?? new Map(layoutOf(table).map(({ name }, index) => [name, index]));
    places.set(table, place);
    const set = (name: string, value: Value) => {
      values[place.get(name) ?? -1] = value;
    };
    const get = (name: string) => values[place.get(name) ?? -1] ?? null;
    for (const [name, { sensitive }] of Object.entries(table.columns)) {
      if (sensitive !== 'hashed') continue;
      const value = get(name);
      set(`${name}_hash`, value === null ? null : keyedHash(String(value), hashKey));
    }
    if (table.caller) set('_caller_hash', callerHash(table.caller, get, hashKey));
    order += 1n;
    const { n, loadId } = commit();
    const added = {
      account,
      _part_on: p,
      _first_seen_at: f,
      _changed_at: at,
      _deleted_at: op === 'upsert' ? null : at,
      _seq: BigInt(n),
      _load_id: loadId,
      _op: op,
      _row: order,
    };
    for (const [name, value] of Object.entries(added)) set(name, value);
    return values;
  };
}

function callerHash(
  { inbound, outbound, direction }: NonNullable<Table['caller']>,
  get: (name: string) => Value,
  hashKey: string,
): string | null {
  const way = direction === undefined ? 'inbound' : get(direction);
  const name =
    typeof way !== 'string'
      ? undefined
      : way.toLowerCase() === 'inbound'
        ? inbound
        : way.toLowerCase() === 'outbound'
          ? outbound
          : undefined;
  const number = name === undefined ? null : get(name);
  const e164 = typeof number === 'string' ? toE164(number) : undefined;
  return e164 === undefined ? null : keyedHash(e164, hashKey);
}

function originOf({ table, values }: FlatRow, at: number, otherwise?: Origin): Origin {
  const place = table.partOn === undefined ? -1 : layoutOf(table).findIndex(({ name }) => name === table.partOn);
  const value = values[place];
  if (typeof value !== 'number') return otherwise ?? { p: dayOf(at), f: at };
  return { p: table.columns[table.partOn ?? '']?.type === 'date' ? value : dayOf(value), f: at };
}

function aliasOf(table: Table, { values }: FlatRow): Pick<Entry, 'a'> {
  if (!table.sticky) return {};
  const by = table.sticky.by;
  const value = values[layoutOf(table).findIndex(({ name }) => name === by)];
  return typeof value === 'string' ? { a: value } : {};
}

/** A row that holds nothing but the values of this key. */
function keyValues(table: Table, key: string): Value[] {
  const layout = layoutOf(table);
  const values = new Array<Value>(layout.length).fill(null);
  const parts = key.split(KEY_SEPARATOR);
  for (const [n, name] of table.key.entries()) {
    const text = parts[n] ?? '';
    const type = table.columns[name]?.type;
    values[layout.findIndex((column) => column.name === name)] =
      type === 'bigint' ? BigInt(text) : type === 'date' ? (parseDay(text) ?? Number(text)) : text;
  }
  return values;
}
