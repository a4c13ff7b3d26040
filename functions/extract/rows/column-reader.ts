import type { Column } from '../../../schemas/column.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { COERCE, type Doubt } from './coerce.ts';

/** What a column needs to know of the record's surroundings. */
export interface Surroundings {
  readonly context: Readonly<Record<string, unknown>>;
}

/** Reads one column of an element. */
export interface ColumnReader {
  readonly name: string;
  /** Place in the layout. */
  readonly index: number;
  readonly url: boolean;
  /** The vendor's value as it stands. */
  raw(element: JsonRecord, parent: JsonRecord, context: Surroundings['context']): unknown;
  read(element: JsonRecord, parent: JsonRecord, surroundings: Surroundings, doubt: Doubt): Value;
}

/** Compiles a column's paths once. */
export function columnReader(name: string, column: Column, index: number): ColumnReader {
  const coerce = COERCE[column.type];
  const paths = column.from.map(compilePath);
  const raw: ColumnReader['raw'] = (element, parent, context) => {
    for (const path of paths) {
      const value = path(element, parent, context);
      if (value !== null && value !== undefined) return value;
    }
    return undefined;
  };
  return {
    name,
    index,
    url: column.url,
    raw,
    read(element, parent, { context }, doubt) {
      const given = raw(element, parent, context);
      if (given === undefined) return null;
      const value = column.via ? prepare(column.via, given, doubt) : given;
      return value === null || value === undefined ? null : coerce(value, doubt);
    },
  };
}

function prepare(via: NonNullable<Column['via']>, given: unknown, doubt: Doubt): unknown {
  try {
    return via(given);
  } catch {
    doubt('JSON nested too deep');
    return null;
  }
}

type Path = (element: JsonRecord, parent: JsonRecord, context: JsonRecord) => unknown;

function compilePath(from: string): Path {
  if (from.startsWith('$')) {
    const name = from.slice(1);
    return (_element, _parent, context) => context[name];
  }
  if (from.startsWith('^')) {
    const parts = from.slice(1).split('.');
    return (_element, parent) => follow(parent, parts);
  }
  if (!from.includes('.')) return (element) => (Object.hasOwn(element, from) ? element[from] : undefined);
  const parts = from.split('.');
  return (element) => follow(element, parts);
}

function follow(record: JsonRecord, parts: readonly string[]): unknown {
  let value: unknown = record;
  for (const part of parts) {
    if (!isJsonObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}
