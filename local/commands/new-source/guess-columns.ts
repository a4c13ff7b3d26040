import type { ColumnType, HashKind } from '../../../schemas/column.ts';
import { isJsonObject, RawNumber } from '../../../schemas/json-text.ts';
import { isIdText, isPhoneNumber } from '../../../schemas/safe-text.ts';
import { RESERVED_COLUMNS } from '../../../schemas/standard-columns.ts';
import type { JsonRecord } from '../../../schemas/table.ts';

/** A column that a sample suggests. */
export interface GuessedColumn {
  readonly name: string;
  readonly path: string;
  readonly type: ColumnType;
  /** A text that looks like an id; `callhouse` shows it if it is one. @default text that may hold anything */
  readonly isId?: boolean;
  /** True until somebody says otherwise: a free text may hold anything. */
  readonly sensitive: boolean;
  readonly hash?: HashKind;
  /** Words of a list that `callhouse` shows; none of them is from the sample. */
  readonly words?: readonly string[];
  readonly unit?: string;
  readonly url: boolean;
  readonly nullable: boolean;
}

/** How deep objects become columns of their own; deeper ones are one column of type json. */
const DEEPEST = 3;

/** Columns for all fields of the sample, with the column that identifies a record. No column has a value of the sample. */
export function guessColumns(records: readonly JsonRecord[]): {
  readonly columns: readonly GuessedColumn[];
  readonly key: string | undefined;
} {
  const fields = new Map<string, unknown[]>();
  for (const record of records) collect(fields, record, '', 1);
  const hasParts = (path: string) => [...fields.keys()].some((other) => other.startsWith(`${path}.`));
  const columns = named(
    [...fields].flatMap(([path, values]) => {
      if (!hasParts(path)) return [{ path, ...guess(path, values) }];
      // An object in other records. Null needs no column beside those of its parts; what is no object needs one that holds both.
      return values.every((value) => value === null || isEmpty(value)) ? [] : [{ path, ...hidden('json') }];
    }),
  );
  const key = keyIn(columns, fields, records.length);
  return { columns: columns.map((column) => (column.name === key ? asKey(column) : column)), key };
}

/** A row is found by its key, so that both databases have it. */
function asKey({ hash: _, ...column }: GuessedColumn): GuessedColumn {
  return { ...column, nullable: false, sensitive: false, ...(column.type === 'text' ? { isId: true } : {}) };
}

function collect(fields: Map<string, unknown[]>, record: JsonRecord, above: string, depth: number): void {
  for (const [name, value] of Object.entries(record)) {
    const path = above === '' ? name : `${above}.${name}`;
    // The name has a dot, so that no path leads to it; it is kept in _extra.
    if (name === '' || /[.\s^$]/.test(name)) continue;
    if (isJsonObject(value) && depth < DEEPEST && hasNames(value)) {
      collect(fields, value, path, depth + 1);
      continue;
    }
    fields.set(path, [...(fields.get(path) ?? []), value]);
  }
}

const isEmpty = (value: unknown) => isJsonObject(value) && Object.keys(value).length === 0;

/** False for a map, whose keys are data. */
function hasNames(value: JsonRecord): boolean {
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => /^[A-Za-z_][\w-]*$/.test(name));
}

type Guess = Pick<GuessedColumn, 'type' | 'sensitive' | 'url' | 'hash' | 'isId'>;

const TIME = /(_at|_on|time|date|timestamp)$|(^|[._])(date|time)_/i;
const MONEY = /cost|price|amount|fee/i;
/** A count that some vendors send as text. */
const COUNT = /duration|length|seconds|minutes|count$|_ms$/i;
const IDENTITY = /(^|[._-])(id|uuid|guid|sid)$|[a-z](Id|Uuid|Sid)$/;
const PERSON = /patient|customer|caller|callee|client|contact|member|person/i;
const PHONE = /phone|msisdn|raw_?digits|(^|[._])(from|to)(_?number)?$|_number$|Number$/i;

const plain = (type: ColumnType): Guess => ({ type, sensitive: false, url: false });
const hidden = (type: ColumnType): Guess => ({ type, sensitive: true, url: false });
const hashed = (type: ColumnType, hash: HashKind): Guess => ({ type, sensitive: true, hash, url: false });
const anId: Guess = { type: 'text', sensitive: false, isId: true, url: false };
const personOf = (path: string): HashKind => (/patient/i.test(path) ? 'patient' : 'customer');
const isNumber = (value: unknown) => typeof value === 'number' || value instanceof RawNumber;

/** Guesses a type from the values, and from the name what must be protected. */
function guess(path: string, all: readonly unknown[]): Guess {
  const values = all.filter((value) => value !== null);
  if (values.length === 0) return hidden('text');
  if (values.every((value) => typeof value === 'boolean')) return plain('boolean');
  if (values.every(isNumber)) return guessNumber(path, values);
  if (values.every((value) => typeof value === 'string')) return guessText(path, values);
  const isNumbers = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'number');
  return values.every(isNumbers) ? plain('doubles') : hidden('json');
}

function guessNumber(path: string, values: readonly unknown[]): Guess {
  if (!values.every((value) => value instanceof RawNumber || Number.isInteger(value)))
    return plain(MONEY.test(path) ? 'decimal' : 'double');
  if (TIME.test(path) && values.every((value) => Number(value) >= 1e9)) return plain('timestamp');
  if (PHONE.test(path)) return hashed('bigint', 'phone');
  if (IDENTITY.test(path)) return PERSON.test(path) ? hashed('bigint', personOf(path)) : plain('bigint');
  // A long number may be a telephone number or one of an insurance.
  const isLong = values.some((value) => value instanceof RawNumber || Math.abs(Number(value)) >= 1e6);
  return isLong ? hidden('bigint') : plain('bigint');
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d|^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:/;

function guessText(path: string, values: readonly string[]): Guess {
  const every = (form: RegExp) => values.every((value) => form.test(value));
  if (every(INSTANT)) return plain('timestamp');
  if (every(/^\d{4}-\d\d-\d\d$/)) return /birth|dob/i.test(path) ? hidden('date') : plain('date');
  if (every(/^https?:\/\//)) return { type: 'text', sensitive: true, url: true };
  if (TIME.test(path) && every(/^1\d{9}(\d{3})?$/)) return plain('timestamp');
  if (MONEY.test(path) && every(/^-?\d{1,6}\.\d{1,6}$/)) return plain('decimal');
  if (COUNT.test(path) && every(/^\d{1,6}$/)) return plain('bigint');
  // What is called phone_number_id is no number.
  if (IDENTITY.test(path) && values.every(isIdText)) return PERSON.test(path) ? hashed('text', personOf(path)) : anId;
  if (PHONE.test(path) || values.every(isPhoneNumber)) return hashed('text', 'phone');
  return hidden('text');
}

function named(guessed: readonly ({ readonly path: string } & Guess)[]): readonly GuessedColumn[] {
  const taken = new Set<string>(RESERVED_COLUMNS);
  return guessed.map(({ path, ...rest }) => {
    const base = nameOf(path);
    let name = base;
    const isTaken = () => taken.has(name) || (rest.hash !== undefined && taken.has(`${name}_hash`));
    for (let n = 2; isTaken(); n += 1) name = `${base.slice(0, 60)}_${n}`;
    taken.add(name);
    if (rest.hash !== undefined) taken.add(`${name}_hash`);
    return { name, path, nullable: true, ...rest };
  });
}

/** Words that DuckDB or Athena takes for a part of the statement, so that a column of that name must always be quoted. */
const WORDS_OF_SQL = new Set(
  [
    'all alter analyse analyze and anti any array as asc asof asymmetric at authorization between binary both by case cast check collate',
    'collation column concurrently constraint create cross cube default deferrable delete desc describe distinct do drop else end escape',
    'except execute exists extract false fetch for foreign freeze from full glob group grouping having ilike in initially inner insert',
    'intersect into is isnull join lambda lateral leading left like limit localtime localtimestamp natural normalize not notnull null offset',
    'on only or order outer overlaps pivot placing positional prepare primary qualify recursive references returning right rollup select',
    'semi show similar skip some summarize symmetric table tablesample then to trailing trim true union unique unnest unpack unpivot using',
    'values variadic verbose when where window with',
  ].flatMap((words) => words.split(' ')),
);

function nameOf(path: string): string {
  const words = path.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  const name = words.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
  if (WORDS_OF_SQL.has(name)) return `call_${name}`;
  return (/^[a-z]/.test(name) ? name : `field_${name}`).slice(0, 63);
}

/** Of a sample of one record, each identity is unique. */
const OF_RECORD = /^(call|record|conversation|session)?_?(id|uuid|guid|sid)$/i;

/** An identity that each record has, and no two share; `id` before others. */
function keyIn(columns: readonly GuessedColumn[], fields: ReadonlyMap<string, readonly unknown[]>, records: number) {
  const fits = ({ path, type }: GuessedColumn) => {
    const values = fields.get(path) ?? [];
    const isUnique = new Set(values.map((value) => (value instanceof RawNumber ? value.text : value))).size === records;
    return (type === 'text' || type === 'bigint') && IDENTITY.test(path) && !values.includes(null) && isUnique;
  };
  const found = columns.filter(fits);
  const named = (form: RegExp) => found.find(({ path }) => form.test(path));
  return (named(/^id$/) ?? named(OF_RECORD) ?? named(/^[^.]*$/) ?? found[0])?.name;
}
