import { isJsonObject } from '../../schemas/json-text.ts';
import type { PageRequest } from './page.ts';

/** How a list is paged and sorted, and whose it is, leaves no record out. */
const HARMLESS =
  /^(?:page(?:_?size)?|per_?page|limit|offset|cursor|sort(?:_?(?:by|order))?|order(?:_?by)?|org(?:ani[sz]ation)?(?:_?id)?)$/i;

/**
 * True if the vendor says that it has applied a filter to a list that was requested without one.
 * @param filters the part of an answer that says which ones: an object of their values, or a list
 */
export function isNarrowed(filters: unknown, { window, partition }: PageRequest): boolean {
  if (window || partition.query) return false;
  if (Array.isArray(filters)) return filters.length > 0;
  if (!isJsonObject(filters)) return false;
  return Object.entries(filters).some(([name, value]) => !HARMLESS.test(name) && narrows(value));
}

/** True unless the value is empty, or a word for everything: all, any or `*`. */
function narrows(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(narrows);
  return value !== null && value !== undefined && !/^(?:|all|any|\*)$/i.test(String(value).trim());
}

/** The warning of a run that reads such a list. */
export const NARROWED =
  'the vendor says that it has applied a filter, and none was requested; records may be missing, and no removal is found. Ask the vendor ' +
  'which filter it applies when none is requested';
