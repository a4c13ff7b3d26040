import type { DayMaps } from '../../../functions/source/day-maps.ts';
import type { Answer, DetailsAnswer, Paging, Paths } from '../../../functions/source/paging.ts';
import { valueAt } from '../../../functions/source/variants.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import { setPath } from './set-path.ts';

/** A page of the made vendor, before it is written as the declaration says. */
export interface MadePage {
  readonly records: readonly JsonRecord[];
  readonly isLast: boolean;
  /** Number of the page, counted as the declaration counts. */
  readonly page: number;
  /** Number of pages of the list. */
  readonly pages: number;
  /** Records of the list. */
  readonly total: number;
  /** Token of the next page, if lists have tokens. */
  readonly token: string | undefined;
}

/** How the list's pages follow each other. */
export type PagingKind = 'number' | 'token' | 'link' | 'offset' | 'last';

/** How the pages of an answer follow each other, as declared. */
export function pagingKindOf({ next }: Answer): PagingKind {
  if (next === undefined) return 'number';
  if (typeof next === 'string' || Array.isArray(next)) return 'token';
  if ('offset' in next) return 'offset';
  return 'last' in next ? 'last' : 'link';
}

/** The answer in which the declaration finds this page. */
export function encodeAnswer({ answer, days }: Pick<Paging, 'answer' | 'days'>, made: MadePage): unknown {
  return days ? encodeDays(days, made.records) : encodeList(answer, made);
}

/** One map per figure, from day to value. */
function encodeDays({ day, figures }: DayMaps, records: readonly JsonRecord[]): unknown {
  const mapOf = (figure: string) => records.map((record) => [textAt(record, day) ?? '', valueAt(record, figure)]);
  return Object.fromEntries(figures.map((figure) => [figure, Object.fromEntries(mapOf(figure))]));
}

function encodeList(answer: Answer | undefined, made: MadePage): unknown {
  const list = firstOf(answer?.records);
  if (!answer || list === undefined || list === '.') return made.records;
  const body: Record<string, unknown> = {};
  const set = (paths: Paths | undefined, value: unknown) => {
    const path = firstOf(paths);
    if (path !== undefined && value !== undefined) setPath(body, path, value);
  };
  set(answer.records, made.records);
  set(answer.page, made.page);
  set(answer.pages, made.pages);
  set(answer.total, made.total);
  set(answer.more, !made.isLast);
  set(answer.link, made.isLast ? null : 'https://elsewhere.example/next');
  const { next } = answer;
  if (typeof next === 'string' || Array.isArray(next)) set(next as Paths, made.token);
  else if (typeof next === 'object' && 'link' in next) set(next.link, linkOf(next.parameter, made.token));
  return body;
}

/** The answer in which the declaration finds these details. */
export function encodeDetails({ record = '.', records }: DetailsAnswer, made: readonly JsonRecord[]): unknown {
  const path = firstOf(records ?? record) ?? '.';
  const value = records === undefined ? (made[0] ?? {}) : made;
  if (path === '.') return value;
  const body: Record<string, unknown> = {};
  setPath(body, path, value);
  return body;
}

function linkOf(parameter: string, token: string | undefined): string | null {
  return token === undefined ? null : `https://elsewhere.example/next?${new URLSearchParams({ [parameter]: token })}`;
}

/** The first of the paths. */
export function firstOf(paths: Paths | undefined): string | undefined {
  return [paths ?? []].flat()[0];
}

/** The text at a path of a record, for lists whose next page begins at the last record's value. */
export function textAt(record: JsonRecord, path: string): string | undefined {
  const value = valueAt(record, path);
  return value === undefined || value === null ? undefined : String(value);
}
