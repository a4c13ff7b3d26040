import type { Reject } from '../commit.ts';

/** Counts refused and doubted values by table, column and reason; holds no value. */
export interface Rejects {
  /** @param refused false where the value stands all the same */
  add(table: string, column: string, reason: string, refused?: boolean): void;
  /** How many values or rows were refused. */
  readonly refused: () => number;
  /** Hands over the counts and starts anew. */
  readonly drain: () => Reject[];
}

/** Counts nothing: for a record that is flattened a second time. */
export const NO_REJECTS: Rejects = { add: () => {}, refused: () => 0, drain: () => [] };

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
    refused: () => refusals,
    drain() {
      const list = [...counts.values()];
      counts.clear();
      refusals = 0;
      return list;
    },
  };
}
