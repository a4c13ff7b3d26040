import type { Stream } from '../../../functions/source/source.ts';
import type { Column } from '../../../schemas/column.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import { setPath } from './set-path.ts';

/** What a made record is about. */
export interface RecordSeed {
  /** Distinguishes the record from all others of its stream. */
  readonly n: number;
  /** Start of the call, ms. */
  readonly at: number;
}

/** A path of a column in the record itself; undefined if the column reads a fact of the request, or the parent of a child. */
export function ownPath({ paths: [path = ''] }: Column): string | undefined {
  return /^[$^]/.test(path) || path === '' || path === '.' ? undefined : path;
}

/** Makes a record that has a value for each column of the stream's first table. */
export function makeRecord(stream: Stream, seed: RecordSeed): JsonRecord {
  const [table] = stream.tables;
  const record: Record<string, unknown> = {};
  // Other columns may read a part of a JSON value, so that these are made first.
  const columns = Object.entries(table.columns).sort(
    ([, a], [, b]) => Number(b.type === 'json') - Number(a.type === 'json'),
  );
  for (const [name, column] of columns) {
    const path = ownPath(column);
    if (path !== undefined) setPath(record, path, makeValue({ name, column, table, stream }, seed));
  }
  return record;
}

interface Place {
  readonly name: string;
  readonly column: Column;
  readonly table: Table;
  readonly stream: Stream;
}

function makeValue({ name, column, table, stream }: Place, { n, at }: RecordSeed): unknown {
  const { optOut, callerNumber, key } = table;
  if (name === optOut?.flagColumn) return optOut.keepIf ?? false;
  if (name === callerNumber?.direction) return callerNumber.words?.inbound?.[0] ?? 'inbound';
  if (name === callerNumber?.inbound || name === callerNumber?.outbound) return `+1202555${String(n).padStart(4, '0')}`;
  if (column.safe?.kind === 'code') return makeWord(column, column.safe.words[n % column.safe.words.length]);
  if (column.url) return `https://files.example/${n}`;
  switch (column.type) {
    case 'text':
      return key.includes(name) || column.safe?.kind === 'id' ? `${name}-${n}` : `${name} ${n}`;
    case 'bigint':
      return 1000 + n;
    case 'double':
      return n + 0.5;
    case 'decimal':
      return n + 0.25;
    case 'boolean':
      return n % 2 === 0;
    case 'timestamp':
      return timeOf(stream, at);
    case 'date':
      return new Date(at).toISOString().slice(0, 10);
    case 'json':
      return { note: `note ${n}` };
    case 'doubles':
      return [n, 0.5];
  }
}

/** A documented word, or a list of one; null if none is documented. */
function makeWord({ type }: Column, word: string | undefined): unknown {
  if (word === undefined) return null;
  return type === 'json' ? [word] : word;
}

/** A vendor whose filter has numbers has them in its records too. */
function timeOf({ window }: Stream, at: number): string | number {
  if (window?.as === 'seconds') return Math.floor(at / 1000);
  return window?.as === 'millis' ? at : new Date(at).toISOString();
}
