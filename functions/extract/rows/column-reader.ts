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
  const paths = column.paths.map(compilePath);
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
      const value = column.transform ? prepare(column.transform, given, doubt) : given;
      return value === null || value === undefined ? null : coerce(value, doubt);
    },
  };
}

function prepare(transform: NonNullable<Column['transform']>, given: unknown, doubt: Doubt): unknown {
  try {
    return transform(given);
  } catch {
    doubt('JSON nested too deep');
    return null;
  }
}

type Path = (element: JsonRecord, parent: JsonRecord, context: JsonRecord) => unknown;

function compilePath(path: string): Path {
  if (path.startsWith('$')) {
    const name = path.slice(1);
    return (_element, _parent, context) => context[name];
  }
  if (path.startsWith('^')) {
    const parts = path.slice(1).split('.');
    return (_element, parent) => follow(parent, parts);
  }
  if (!path.includes('.')) return (element) => (Object.hasOwn(element, path) ? element[path] : undefined);
  const parts = path.split('.');
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
