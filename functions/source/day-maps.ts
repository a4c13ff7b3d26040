import { isJsonObject, kindOf } from '../../schemas/json-text.ts';
import { ContractError } from '../errors.ts';
import { openJsonText } from '../http/json-in-text.ts';
import type { Page } from './page.ts';

/** An answer with one map per figure, from day to value. */
export interface DayMaps {
  /** Field of the records that holds the day. */
  readonly day: string;
  /** Names of the maps, which are the other fields of the records. */
  readonly figures: readonly string[];
}

/**
 * Turns maps from day to figure into one record per day. A map may lack a day; unknown maps are kept as fields, so that they are
 * stored in `_extra`. A declared map that is something else is counted.
 * @throws ContractError if there is none of the maps
 */
export function readDayMaps({ day: dayField, figures }: DayMaps, body: unknown): Page {
  const members = isJsonObject(body) ? Object.entries(body) : [];
  const opened = new Map(
    members.map(([name, given]) => [name, typeof given === 'string' ? openJsonText(given) : given]),
  );
  const isEmpty = figures.every((name) => isNoMap(opened.get(name)));
  if (!isEmpty && !figures.some((name) => isJsonObject(opened.get(name)))) {
    throw new ContractError(
      `the answer is not what the vendor's document says: expected at least one of ${figures.join(', ')}`,
    );
  }
  const days = new Map<string, Map<string, unknown>>();
  for (const [name, map] of opened) {
    if (!isJsonObject(map)) continue;
    for (const [day, figure] of Object.entries(map)) {
      const record = days.get(day) ?? new Map([[dayField, day as unknown]]);
      // A map that is called like the field of the day is kept beside it.
      days.set(day, record.set(name === dayField ? `${name}_map` : name, figure));
    }
  }
  const doubts = figures.flatMap((field) => {
    const given = opened.get(field) ?? {};
    return isJsonObject(given) || isNoMap(given)
      ? []
      : [{ field, reason: `${kindOf(given)} where an object is expected` }];
  });
  return { records: [...days.values()].map((record) => Object.fromEntries(record)), more: false, doubts };
}

/** A map without days, as Go (null) and PHP (an empty list) write it. */
function isNoMap(given: unknown): boolean {
  return given === null || (Array.isArray(given) && given.length === 0);
}
