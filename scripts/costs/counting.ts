import type { Engine, Store } from '../../functions/ports.ts';

/** Requests to S3, by how they are priced. */
export interface StoreCounts {
  /** PUT, LIST. */
  writes: number;
  /** GET. DELETE is free. */
  reads: number;
}

/** A store that counts what it is asked. */
export function countingStore(store: Store): { readonly store: Store; readonly counts: StoreCounts } {
  const counts: StoreCounts = { writes: 0, reads: 0 };
  return {
    counts,
    store: {
      ...store,
      get: (key, range) => {
        counts.reads += 1;
        return store.get(key, range);
      },
      put: (key, body, options) => {
        counts.writes += 1;
        return store.put(key, body, options);
      },
      list: (prefix, options) => {
        counts.writes += 1;
        return store.list(prefix, options);
      },
    },
  };
}

/** An engine without tables that counts statements, and holds every load that it is asked for. */
export function countingEngine(): { readonly engine: Engine; readonly counts: { statements: number } } {
  const counts = { statements: 0 };
  const count = () => {
    counts.statements += 1;
  };
  return {
    counts,
    engine: {
      dialect: 'athena',
      statementsAtOnce: 4,
      identity: async () => 'athena-callhouse',
      prepare: async () => {},
      atomically: (work) => work(),
      stage: async () => {},
      execute: async () => {
        count();
        return { changed: 0 };
      },
      query: async (sql) => {
        count();
        return { columns: [], rows: [...sql.matchAll(/'([^']+)'/g)].map(([, text]) => [text]) };
      },
      close: async () => {},
    },
  };
}
