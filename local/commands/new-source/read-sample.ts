import { ConfigError } from '../../../functions/errors.ts';
import { parseJson } from '../../../functions/http/lossless-json.ts';
import { isJsonObject } from '../../../schemas/json-text.ts';
import type { JsonRecord } from '../../../schemas/table.ts';

/** What a saved answer shows of a list. */
export interface Sample {
  readonly records: readonly JsonRecord[];
  /** Path of the list in the answer; `.` if the answer is the list. */
  readonly list: string;
  /** Guessed paths of the answer's other parts. */
  readonly parts: Readonly<Partial<Record<'next' | 'more' | 'page' | 'total', string>>>;
}

/** Reads the text of a saved answer. @throws ConfigError if it has no record */
export function readSample(text: string, file: string): Sample {
  const body = parse(text, file);
  const found = findList(body) ?? (isJsonObject(body) ? { list: '.', records: [body] } : undefined);
  const records = found?.records.filter(isJsonObject) ?? [];
  if (!found || records.length === 0)
    throw new ConfigError(`${file} has no record; expected an answer of the vendor with a list of objects`);
  return { records, list: found.list, parts: found.list === '.' ? {} : findParts(body, found.list) };
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

/** The first list of objects, nearest to the top. */
function findList(body: unknown): FoundList | undefined {
  const waiting = [{ path: '.', value: body }];
  for (let one = waiting.shift(); one; one = waiting.shift()) {
    const { path, value } = one;
    if (Array.isArray(value) && value.some(isJsonObject)) return { list: path, records: value };
    if (!isJsonObject(value)) continue;
    for (const [name, member] of Object.entries(value)) waiting.push({ path: below(path, name), value: member });
  }
  return undefined;
}

const below = (path: string, name: string) => (path === '.' ? name : `${path}.${name}`);

/** Names that vendors use, by what they mean. */
const PARTS = {
  next: /^(next_?(page_?)?(token|cursor|key)|cursor|pagination_?key|page_?token)$/i,
  more: /^(has_?(more|next(_?page)?))$/i,
  page: /^(page|current_?page|page_?number)$/i,
  total: /^(total|total_?(count|items|records|results)|count)$/i,
} as const;

const FITS = {
  next: (value: unknown) => typeof value === 'string' || value === null,
  more: (value: unknown) => typeof value === 'boolean',
  page: isCount,
  total: isCount,
} as const;

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value);
}

function findParts(body: unknown, list: string): Sample['parts'] {
  const found: Record<string, string> = {};
  const visit = (value: unknown, path: string) => {
    if (!isJsonObject(value) || path === list) return;
    for (const [name, member] of Object.entries(value)) {
      for (const part of Object.keys(PARTS) as (keyof typeof PARTS)[])
        if (PARTS[part].test(name) && FITS[part](member)) found[part] ??= below(path, name);
      visit(member, below(path, name));
    }
  };
  visit(body, '.');
  return found;
}
