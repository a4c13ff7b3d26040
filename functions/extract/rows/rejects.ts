import type { Reject } from '../../lake/commit.ts';

/** Counts refused and doubted values by table, column and reason; holds no value. */
export interface Rejects {
  /** @param refused false if the value was kept in spite of the doubt @default true */
  add(table: string, column: string, reason: string, refused?: boolean): void;
  /** Hands over the counts since the last call, and how many of them are values or rows that were refused. */
  take(): { readonly rejects: Reject[]; readonly refused: number };
}

/** An empty count. */
export function newRejects(): Rejects {
  const counts = new Map<string, { -readonly [K in keyof Reject]: Reject[K] }>();
  let refusals = 0;
  return {
    add(table, column, reason, refused = true) {
      const id = `${table}\u001f${column}\u001f${reason}`;
      const known = counts.get(id) ?? { table, column, reason, count: 0 };
      known.count += 1;
      counts.set(id, known);
      if (refused) refusals += 1;
    },
    take() {
      const taken = { rejects: [...counts.values()], refused: refusals };
      counts.clear();
      refusals = 0;
      return taken;
    },
  };
}
