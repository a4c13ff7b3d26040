import { createRequire } from 'node:module';

/**
 * DuckDB's library. It is a CommonJS package of almost two hundred files; `import` would parse each of them to find the names that it
 * exports, which takes 0.1 s of CPU in every program that opens a warehouse.
 */
export const duckdb = createRequire(import.meta.url)('@duckdb/node-api') as typeof import('@duckdb/node-api');
