import { isJsonObject } from '../../../schemas/json-text.ts';
import { writeRedacted } from './redact-page.ts';

/** A page's body and bytes. */
interface Body {
  readonly body: unknown;
  readonly bytes: Buffer;
}

/**
 * A page without some of its records, which it loses in place. A page that is nested too deeply to be written again becomes null.
 * @param records by identity, as they are in the body
 */
export function dropRecords(body: unknown, records: ReadonlySet<unknown>): Body {
  const left = records.has(body) ? null : body;
  const waiting = [left];
  while (waiting.length > 0) for (const below of dropMembers(waiting.pop(), records)) waiting.push(below);
  const text = writeRedacted(left);
  return text === undefined ? { body: null, bytes: Buffer.from('null') } : { body: left, bytes: Buffer.from(text) };
}

/** @returns the members that are left */
function dropMembers(value: unknown, records: ReadonlySet<unknown>): readonly unknown[] {
  if (Array.isArray(value)) {
    let kept = 0;
    for (const member of value) if (!records.has(member)) value[kept++] = member;
    value.length = kept;
    return value;
  }
  if (!isJsonObject(value)) return [];
  for (const [name, member] of Object.entries(value)) if (records.has(member)) Reflect.deleteProperty(value, name);
  return Object.values(value);
}
