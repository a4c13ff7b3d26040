import { isJsonObject } from '../../../schemas/json-text.ts';
import type { FetchedPage } from '../pages/fetched-page.ts';
import type { ErasedKeyOf } from '../rows/erased.ts';
import { writeRedacted } from './redact-page.ts';

/** The page without its erased records, as it may be kept. Their keys stay, because they show where the list ends. */
export function withoutErased(page: FetchedPage, erasedKeyOf: ErasedKeyOf): FetchedPage {
  const { records, partition } = page;
  const found = records.map((record, n) => erasedKeyOf(record, page.keys[n], partition.context));
  const erased = new Set(records.filter((_, n) => found[n] !== undefined));
  if (erased.size === 0) return page;
  const keys = page.keys.map((key, n) => found[n] ?? key);
  // The body loses them in place, and the list of records may be the body's own.
  return { ...page, records: [...records], keys, erased, ...dropRecords(page.body, erased) };
}

/** A page's body and bytes. */
interface Body {
  readonly body: unknown;
  readonly bytes: Buffer;
}

/**
 * Removes records from a page's body, in place. A page that is nested too deeply to be written again becomes null.
 * @param records the very objects that are in the body
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
