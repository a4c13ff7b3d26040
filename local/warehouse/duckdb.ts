import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * DuckDB's library. It is a CommonJS package of almost two hundred files; `import` would parse each of them to find the names that it
 * exports, which takes 0.1 s of CPU in every program that opens a warehouse.
 */
export const duckdb = load('@duckdb/node-api') as typeof import('@duckdb/node-api');

/** What reads texts in the library. Its own decoder takes a byte order mark at the beginning of a text away. */
const accessors = load('@duckdb/node-api/lib/vectors/dataAccessors') as {
  textDecoder: InstanceType<typeof TextDecoder>;
};
accessors.textDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
