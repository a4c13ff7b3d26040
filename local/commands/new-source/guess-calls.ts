import { sortInstant } from '../../../functions/extract/rows/coerce.ts';
import { isJsonObject, valueAtPath } from '../../../schemas/json-text.ts';
import { normalWord } from '../../../schemas/safe-text.ts';
import type { JsonRecord, Table } from '../../../schemas/table.ts';
import type { GuessedColumn } from './guess-columns.ts';

/** What a sample suggests for the view `calls`. */
export interface GuessedCalls {
  /** The columns, with the words and units that were found. */
  readonly columns: readonly GuessedColumn[];
  readonly callerNumber: Table['callerNumber'];
  /** Expressions for columns of `calls`. */
  readonly calls: Readonly<Record<string, string>>;
}

/** Guesses who called whom and for how long. Words are written only if they are among those that many vendors use. */
export function guessCalls(columns: readonly GuessedColumn[], records: readonly JsonRecord[]): GuessedCalls {
  const direction = findDirection(columns, records);
  const duration = findDuration(columns, records);
  const callerNumber = findCaller(columns, records, direction);
  const agent = columns.find(({ name, isId }) => isId && /^(agent|assistant|bot)_?id$/.test(name));
  return {
    columns: columns.map((column) => {
      if (column === direction?.column) return { ...column, sensitive: false, words: wordsOf(direction.family) };
      return column === duration?.column ? { ...column, unit: duration.unit } : column;
    }),
    callerNumber,
    calls: {
      ...(agent && { agent: agent.name }),
      ...(direction && { direction: directionText(direction.column.name, direction.family) }),
      ...(duration && { duration_seconds: secondsText(duration.column.name, duration.unit) }),
      ...(callerNumber && { caller_hash: '_caller_hash' }),
    },
  };
}

const valuesAt = (records: readonly JsonRecord[], path: string) =>
  records
    .map((record) => valueAtPath(record, path.split('.')))
    .filter((value) => value !== null && value !== undefined);

interface Family {
  readonly inbound: readonly string[];
  readonly outbound: readonly string[];
}

/** Words for the direction of a call, which are no value of anybody's. */
const FAMILIES: readonly Family[] = [
  { inbound: ['inbound'], outbound: ['outbound'] },
  { inbound: ['incoming'], outbound: ['outgoing'] },
  { inbound: ['in'], outbound: ['out'] },
  { inbound: ['inbound'], outbound: ['outbound-api', 'outbound-dial'] },
  { inbound: ['inboundPhoneCall'], outbound: ['outboundPhoneCall'] },
];
const wordsOf = ({ inbound, outbound }: Family) => [...inbound, ...outbound];

interface FoundDirection {
  readonly column: GuessedColumn;
  readonly family: Family;
}

function findDirection(columns: readonly GuessedColumn[], records: readonly JsonRecord[]): FoundDirection | undefined {
  for (const column of columns) {
    if (column.type !== 'text' || column.hash || !/direction|type|kind/.test(column.name)) continue;
    const words = valuesAt(records, column.path).map((value) => normalWord(String(value)));
    const family = FAMILIES.find((one) => words.every((word) => wordsOf(one).map(normalWord).includes(word)));
    if (family && words.length > 0) return { column, family };
  }
  return undefined;
}

function directionText(column: string, family: Family): string {
  const [plain] = FAMILIES;
  if (family === plain) return `lower(${column})`;
  const among = (words: readonly string[]) => words.map((word) => `'${word.toLowerCase()}'`).join(', ');
  const when = (way: keyof Family) => `when lower(${column}) in (${among(family[way])}) then '${way}'`;
  return `case ${when('inbound')} ${when('outbound')} end`;
}

const EXTERNAL = /external|remote|raw_?digits/i;
const PERSON = /customer|client|contact|lead|prospect|patient/i;
const FROM = /(^|[._])(from|caller|calling|ani|source|src|origin)/i;
const TO = /(^|[._])(to|callee|called|dnis|destination|dest|dialed|target)/i;

/** Undefined if there are two numbers and nothing says which one is the caller's. */
function findCaller(
  columns: readonly GuessedColumn[],
  records: readonly JsonRecord[],
  direction: FoundDirection | undefined,
): Table['callerNumber'] {
  const phones = columns.filter(({ type, hash }) => type === 'text' && hash === 'phone');
  const isFull = ({ path }: GuessedColumn) => valuesAt(records, path).some((value) => String(value).startsWith('+'));
  const best = (form: RegExp) => {
    const fitting = phones.filter(({ path }) => form.test(path));
    return (fitting.find(isFull) ?? fitting[0])?.name;
  };
  const [first] = phones;
  const one = best(EXTERNAL) ?? best(PERSON) ?? (phones.length === 1 ? first?.name : undefined);
  if (one !== undefined) return { inbound: one, outbound: one };
  const [inbound, outbound] = [best(FROM), best(TO)];
  if (inbound === undefined || outbound === undefined || !direction) return undefined;
  const { column, family } = direction;
  const isPlain = family === FAMILIES[0];
  return { inbound, outbound, direction: column.name, ...(!isPlain && { words: family }) };
}

type Unit = 's' | 'ms' | 'min';
const SECONDS: Readonly<Record<Unit, number>> = { s: 1, ms: 1e-3, min: 60 };

interface FoundDuration {
  readonly column: GuessedColumn;
  readonly unit: Unit;
}

/** The unit is that of the name, or the one in which the duration is the time between begin and end. */
function findDuration(columns: readonly GuessedColumn[], records: readonly JsonRecord[]): FoundDuration | undefined {
  const found = columns.filter(
    ({ type, sensitive, name }) =>
      (type === 'bigint' || type === 'double') && !sensitive && /duration|call_length|^length/.test(name),
  );
  for (const column of found) {
    const since = (begin: RegExp) => unitSince(begin, column.path, { columns, records });
    const unit = unitIn(column.name) ?? BEGINS.map(since).find(Boolean);
    if (unit) return { column, unit };
  }
  return undefined;
}

function unitIn(name: string): Unit | undefined {
  if (/_(s|secs?|seconds)$/.test(name)) return 's';
  if (/_(ms|millis|milliseconds)$/.test(name)) return 'ms';
  return /_(mins?|minutes)$/.test(name) ? 'min' : undefined;
}

/** Vendors round durations. Of a call that is as short as that, any unit fits. */
const TOLERANCE_S = 2;
const LEAST_S = 10;

/** Vendors count from the start, or from the answer. */
const BEGINS = [/start|begin|began/, /answer|connect/];

interface Sampled {
  readonly columns: readonly GuessedColumn[];
  readonly records: readonly JsonRecord[];
}

/** The unit in which the number at the path is the time since a column of such a name. */
function unitSince(form: RegExp, path: string, { columns, records }: Sampled): Unit | undefined {
  const timeNamed = (named: RegExp) => columns.find(({ type, name }) => type === 'timestamp' && named.test(name))?.path;
  const [begin, end] = [timeNamed(form), timeNamed(/end|finish|hangup|disconnect|complete/)];
  if (begin === undefined || end === undefined) return undefined;
  const known = records.filter(isJsonObject).flatMap((record) => {
    const [from, to] = [begin, end].map((at) => sortInstant(valueAtPath(record, at.split('.'))));
    const length = Number(valueAtPath(record, path.split('.')) ?? Number.NaN);
    const seconds = from === undefined || to === undefined ? 0 : (to - from) / 1000;
    return seconds >= LEAST_S && length > 0 ? [{ seconds, length }] : [];
  });
  const fits = (unit: Unit) =>
    known.length > 0 &&
    known.every(({ seconds, length }) => Math.abs(length * SECONDS[unit] - seconds) <= TOLERANCE_S + seconds * 0.02);
  return (Object.keys(SECONDS) as Unit[]).find(fits);
}

function secondsText(name: string, unit: Unit): string {
  if (unit === 's') return name;
  return unit === 'ms' ? `${name} / 1e3` : `${name} * 60`;
}
