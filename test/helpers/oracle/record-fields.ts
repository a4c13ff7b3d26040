import type { Canonical } from './canonical.ts';
import { type Exact, writeExact } from './exact-json.ts';

/** A record's fields by name. */
export function fieldsOf(record: Exact): Record<string, Exact> {
  return record instanceof Map ? Object.fromEntries(record) : {};
}

/** The fields of a record that are not among the known ones, as a JSON object; null if there are none. */
export function extraOf(record: Exact, known: string): Canonical {
  const names = new Set(known.split(' '));
  const unknown = record instanceof Map ? [...record].filter(([name]) => !names.has(name)) : [];
  return unknown.length === 0 ? null : writeExact(new Map(unknown as [string, Exact][]));
}
