import { deserialize, serialize } from 'node:v8';
import { factsOf, type Ports } from './product.ts';

/** A staged file as the simulation writes it, without Parquet. */
export interface SimFile {
  readonly table: string;
  readonly columns: readonly (readonly unknown[])[];
}

const written = new WeakMap<Uint8Array, SimFile>();

/** Reads a file of {@link SimFile}. */
export function readSimFile(body: Uint8Array): SimFile {
  return written.get(body) ?? (deserialize(body) as SimFile);
}

/** Parquet and gzip have tests of their own; here they would take most of the time. */
export const STUBS: Pick<Ports, 'codec' | 'hashKey' | 'parquet' | 'readParquet'> = {
  hashKey: async () => 'sim-hash-key-of-at-least-32-characters',
  parquet: {
    name: 'hyparquet',
    async write({ name: table }, columns) {
      // Arrays of the same kind: otherwise the written form depends on how they were created. Once V8 has optimized `[...column]`, it
      // gives copies of another kind.
      const file: SimFile = { table, columns: Array.from(columns, (column) => Array.from(column, (value) => value)) };
      const body = serialize(file);
      written.set(body, file);
      return body;
    },
  },
  async readParquet(body, names) {
    const { table, columns } = readSimFile(body);
    const places = factsOf(table)?.names ?? [];
    return names.map((name) => [...(columns[places.indexOf(name)] ?? [])] as never[]);
  },
  codec: {
    compress: async (bytes) => bytes,
    expand: async (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    async *expandInPieces(bytes) {
      yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  },
};
