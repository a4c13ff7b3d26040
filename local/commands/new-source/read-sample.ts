import { ConfigError } from '../../../functions/errors.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import { type GuessedPaging, guessPaging } from './guess-paging.ts';

/** What a saved answer shows of a list. */
export interface Sample {
  readonly records: readonly JsonRecord[];
  /** Path of the list in the answer; `.` if the answer is the list, or one record. */
  readonly list: string;
  readonly paging: GuessedPaging;
}

/** What a list is paged by if there is no sample. */
export const USUAL_PAGING: GuessedPaging = { answer: {}, query: { page: 'page', limit: 'size' } };

/** Reads the text of a saved answer. @throws ConfigError if it has no record */
export function readSample(text: string, file: string): Sample {
  const body = parse(text, file);
  const found = findRecords(body);
  const records = found.records.filter(isJsonObject);
  if (records.length === 0)
    throw new ConfigError(`${file} has no record; expected an answer of the vendor with a list of objects`);
  const { list } = found;
  return { records, list, paging: list === '.' ? USUAL_PAGING : guessPaging(body, list, records.length) };
}

function parse(text: string, file: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new ConfigError(`${file} is not JSON; expected an answer of the vendor as it was sent`);
  }
}

interface FoundList {
  readonly list: string;
  readonly records: readonly unknown[];
}

/** An object with an id of its own is a record, and its lists are parts of it. */
const OWN_ID = /^(call_?)?(id|uuid|sid)$/i;

function findRecords(body: unknown): FoundList {
  if (isJsonObject(body) && Object.keys(body).some((name) => OWN_ID.test(name))) return { list: '.', records: [body] };
  return findList(body) ?? { list: '.', records: hasEmptyList(body) ? [] : [body] };
}

/** True for the answer of an account without calls, `{ "calls": [], … }`. A record with an empty list has an id. */
function hasEmptyList(body: unknown): boolean {
  if (!isJsonObject(body) || Object.keys(body).some((name) => /id$/i.test(name))) return false;
  return Object.values(body).some((value) => (Array.isArray(value) ? value.length === 0 : hasEmptyList(value)));
}

/** The longest list of objects among those nearest to the top. */
function findList(body: unknown): FoundList | undefined {
  let level: readonly (readonly [path: string, value: unknown])[] = [['.', body]];
  while (level.length > 0) {
    const lists = level.flatMap(([list, value]) =>
      Array.isArray(value) && value.some(isJsonObject) ? [{ list, records: value as readonly unknown[] }] : [],
    );
    if (lists.length > 0) return lists.reduce((a, b) => (b.records.length > a.records.length ? b : a));
    level = level.flatMap(([path, value]) =>
      isJsonObject(value) ? Object.entries(value).map(([name, member]) => [below(path, name), member] as const) : [],
    );
  }
  return undefined;
}

const below = (path: string, name: string) => (path === '.' ? name : `${path}.${name}`);
