import { factsOf } from './product.ts';
import { readSimFile } from './stubs.ts';

/** A row as it is after a MERGE of the commits so far. */
export interface Row {
  readonly value: (column: string) => unknown;
  readonly deletedAt: number | null;
  readonly part: unknown;
  readonly op: unknown;
  /** Number of its commit, as the row says. */
  readonly seq: number;
}

/** Rows by key, of each table. */
export type Tables = Map<string, Map<string, Row>>;

/** The parts of a commit that the oracle reads; declared here again, so that the oracle does not depend on the product's format. */
export interface CommitText {
  readonly n: number;
  readonly loadId: string;
  readonly stream: string;
  readonly status: string;
  readonly raw: readonly string[];
  readonly staged: readonly { readonly table: string; readonly key: string; readonly rows: number }[];
  readonly digests: readonly string[];
  readonly scans: readonly { readonly kind: string }[];
  readonly state?: {
    readonly held?: { readonly scan: number; readonly count: number };
    readonly tied?: number;
    /** By list, records that the vendor counts and nobody has seen. */
    readonly surplus?: Readonly<Record<string, number>>;
  };
}

/** A staged row before it is merged into the existing row. */
export type OnRow = (table: string, key: string, row: Row, before: Row | undefined) => void;

const SEPARATOR = '|';

/** Rows of one staged object, straight from its columns. */
export function* rowsOf(body: Uint8Array): Iterable<{ readonly key: string; readonly row: Row }> {
  const { table, columns } = readSimFile(body);
  const facts = factsOf(table);
  if (!facts) return;
  const place = new Map(facts.names.map((name, n) => [name, n]));
  const at = (name: string, n: number) => columns[place.get(name) ?? -1]?.[n];
  const rows = columns[0]?.length ?? 0;
  const order = [...new Array(rows).keys()].sort((a, b) => Number(at('_row', a)) - Number(at('_row', b)));
  for (const n of order) {
    const key = facts.key.map((name) => String(at(name, n))).join(SEPARATOR);
    const row = {
      value: (column: string) => at(column, n) ?? null,
      deletedAt: (at('_deleted_at', n) as number | null) ?? null,
      part: at('_part_on', n),
      op: at('_op', n),
      seq: Number(at('_seq', n)),
    };
    yield { key, row };
  }
}

/** The tables after all commits, and the keys of which the last full scan of a stream could prove nothing. */
export function foldLake(lake: ReadonlyMap<string, Uint8Array>): { readonly tables: Tables; readonly tied: number } {
  const tables: Tables = new Map();
  const tied = new Map<string, number>();
  for (const commit of commitsIn(lake)) {
    foldCommit(tables, commit, lake);
    tied.set(commit.stream, commit.state?.tied ?? 0);
  }
  return { tables, tied: Math.max(0, ...tied.values()) };
}

/** Merges one commit's rows; a deletion keeps the values of the row. */
export function foldCommit(tables: Tables, commit: CommitText, lake: ReadonlyMap<string, Uint8Array>, onRow?: OnRow) {
  for (const { table, key: object } of commit.staged) {
    const body = lake.get(object);
    const into = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, into);
    if (!body) continue;
    for (const { key, row } of rowsOf(body)) {
      const before = into.get(key);
      onRow?.(table, key, row, before);
      const kept = row.op === 'upsert' || !before ? row : { ...row, value: before.value };
      into.set(key, kept);
    }
  }
}

/** Commits of all streams, in order, as they are in the lake now. */
export function commitsIn(lake: ReadonlyMap<string, Uint8Array>): CommitText[] {
  const keys = [...lake.keys()].filter((key) => key.startsWith('commits/')).sort();
  return keys.map((key) => parseCommit(lake.get(key)));
}

export function parseCommit(body: Uint8Array | undefined): CommitText {
  return JSON.parse(Buffer.from(body ?? []).toString('utf8')) as CommitText;
}

/** Keys of all objects that a commit names. */
export function namesOf({ raw, staged, digests }: CommitText): string[] {
  return [...raw, ...staged.map(({ key }) => key), ...digests];
}
