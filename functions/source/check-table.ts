import { columnsIn } from '../../schemas/layout.ts';
import { normalWord } from '../../schemas/safe-text.ts';
import type { Table } from '../../schemas/table.ts';
import { qualifiedNames, SQL_WORDS, withoutTexts } from '../../schemas/views/calls-details.ts';
import { checkColumnNames, NAME, NAME_SAYS } from './check-column-names.ts';
import { checkPaths } from './check-paths.ts';
import type { Fault } from './fault.ts';

/**
 * Finds what is wrong in the declaration of a table.
 * @param place of the stream, for the faults
 * @param details tables with one row for each record at most, which `calls` may name
 */
export function* checkTable(
  table: Table,
  source: string,
  place: string,
  details: readonly Table[] = [],
): Iterable<Fault> {
  const { name, columns, key, partOn } = table;
  const at = `${place}.tables.${name}`;
  if (!NAME.test(name) || !name.startsWith(`${source}_`))
    yield { at, seen: 'it is not named after its source', expected: `${source}_ and a name of ${NAME_SAYS}` };
  if (table.source !== source)
    yield { at: `${at}.source`, seen: `it is ${JSON.stringify(table.source)}`, expected: JSON.stringify(source) };
  if (key.length === 0) yield { at: `${at}.key`, seen: 'it is empty', expected: 'the columns that identify a row' };
  for (const column of key) {
    if (!columns[column]) yield missing(`${at}.key`, column, Object.keys(columns));
    else if (columns[column].nullable)
      yield { at: `${at}.columns.${column}`, seen: 'a key may be null', expected: 'nullable: false' };
  }
  yield* checkColumnNames(table, at);
  yield* checkPaths(table, at);
  yield* checkTexts(table, at);
  yield* checkCaller(table, at);
  yield* checkFlag(table, at);
  yield* checkHandsOn(table, at);
  const type = partOn === undefined ? 'date' : columns[partOn]?.type;
  if (type !== 'timestamp' && type !== 'date')
    yield {
      at: `${at}.partOn`,
      seen: `column ${partOn} has type ${type}`,
      expected: 'a column of type timestamp or date',
    };
  yield* checkCalls(table, details, at, place);
}

/** Finds child tables whose sensitive columns a record that opts out would keep. @param place of the stream, for the faults */
export function* checkOptOut([main, ...children]: readonly Table[], place: string): Iterable<Fault> {
  for (const { name, columns } of main?.optOut ? children : []) {
    const sensitive = Object.keys(columns).find((column) => columns[column]?.sensitive !== false);
    if (sensitive !== undefined)
      yield {
        at: `${place}.tables.${name}.columns.${sensitive}`,
        seen: `it is sensitive, and optOut of ${main?.name} redacts columns of that table only`,
        expected: 'child tables without sensitive columns where the first table has optOut',
      };
  }
}

/** Checks that each text column of `callhouse` says which texts it may show, so that none is shown that nobody thought of. */
function* checkTexts({ columns, key }: Table, at: string): Iterable<Fault> {
  for (const [name, { type, sensitive, safe }] of Object.entries(columns)) {
    if (type !== 'text' && type !== 'json') continue;
    const isKey = key.includes(name);
    if (isKey && (type !== 'text' || (safe?.kind !== 'id' && safe?.kind !== 'code')))
      yield {
        at: `${at}.columns.${name}`,
        seen: 'a key may hold any text',
        expected: 'id(…), or code(…) for a word of a list',
      };
    else if (!sensitive && !safe)
      yield {
        at: `${at}.columns.${name}`,
        seen: `it is in callhouse, and may hold any ${type === 'json' ? 'JSON' : 'text'}`,
        expected: `${type === 'json' ? 'codes(…) for a list of words' : 'id(…), code(…) for a word of a list, label(…) for a name that staff chose'}, or no sensitive: false`,
      };
  }
}

/** Checks the words of a direction. They say which of two numbers is the caller's, so no word may stand for both directions. */
function* checkCaller({ callerNumber }: Table, at: string): Iterable<Fault> {
  const { words, direction } = callerNumber ?? {};
  if (!words) return;
  const own = `${at}.callerNumber.words`;
  if (direction === undefined)
    yield { at: own, seen: 'callerNumber has no direction', expected: 'direction, the column that has these words' };
  const { inbound = [], outbound = [] } = words;
  const both = inbound.find((word) =>
    [...outbound, 'outbound'].some((other) => normalWord(other) === normalWord(word)),
  );
  if (both !== undefined) yield { at: own, seen: `${both} says both ways`, expected: 'each word in one of the two' };
}

/** Checks the word of an opt-out flag. If the flag cannot have it, every call would be redacted. */
function* checkFlag({ optOut, columns }: Table, at: string): Iterable<Fault> {
  const { flagColumn = '', keepIf } = optOut ?? {};
  if (typeof keepIf !== 'string') return;
  const { type, safe } = columns[flagColumn] ?? {};
  const isWord = safe?.kind === 'code' && safe.words.map(normalWord).includes(normalWord(keepIf));
  if (type !== 'text' || !isWord)
    yield {
      at: `${at}.optOut.keepIf`,
      seen: `${JSON.stringify(keepIf)} is not a word of column ${flagColumn}`,
      expected: 'a flag of type code(…) that lists it',
    };
}

/** Types that a request can hold as they are. */
const HANDED_TYPES = new Set(['text', 'json', 'bigint', 'boolean']);

/** Checks columns that are handed on to requests: they must have a type that a request can hold, and not be in the key. */
function* checkHandsOn({ handsOn = [], columns, key }: Table, tableAt: string): Iterable<Fault> {
  const at = `${tableAt}.handsOn`;
  for (const name of handsOn) {
    const { type, url } = columns[name] ?? {};
    if (key.includes(name))
      yield { at, seen: `${name} is a key column`, expected: 'other columns: those of the key are known anyway' };
    else if (type === undefined || !HANDED_TYPES.has(type) || url)
      yield {
        at,
        seen: `column ${name} ${url ? 'is a signed address' : `has type ${type}`}`,
        expected: `columns of type ${[...HANDED_TYPES].join(', ')}`,
      };
  }
}

function missing(at: string, name: string, known: readonly string[]): Fault {
  return { at, seen: `there is no column ${name}`, expected: `one of ${known.join(', ')}` };
}

function sensitive(at: string, name: string): Fault {
  return {
    at,
    seen: `column ${name} is sensitive`,
    expected: 'columns that are not, because everybody may read calls',
  };
}

/** More of them, which may also be names of columns. */
const UNIT_WORDS = new Set('escape interval timestamp date time day hour minute second'.split(' '));

/** Words of an expression without texts that can only be columns. SQL does not distinguish capital letters. */
function columnsNamedIn(words: string): readonly string[] {
  const found = [...words.matchAll(/\b[a-z_][a-z0-9_]*\b(?!\s*\()/gi)].map(([word]) => word);
  return found.filter((word) => !SQL_WORDS.has(word.toLowerCase()) && !UNIT_WORDS.has(word.toLowerCase()));
}

/** The view `calls` reads the half of the table without sensitive columns. */
function* checkCalls(table: Table, details: readonly Table[], at: string, place: string): Iterable<Fault> {
  if (table.calls && place !== 'calls')
    yield {
      at: `${at}.calls`,
      seen: `the table belongs to the stream ${place}`,
      expected: 'the stream calls: views tell by its runs which days were read to their end',
    };
  const known = [...safeColumnsOf(table), ...joinedColumnsOf(table)];
  for (const [name, expression] of Object.entries(table.calls ?? {})) {
    const own = `${at}.calls.${name}`;
    let words = withoutTexts(expression).replace(/\bAS\s+\w+/gi, '');
    for (const { table: other, column } of qualifiedNames(expression)) {
      words = words.replace(`${other}.${column}`, '');
      const found = details.find((one) => one.name === other);
      if (!found)
        yield {
          at: own,
          seen: `${other} is not a table with the details of a record`,
          expected:
            details.length === 0 ? 'columns of the table' : `one of ${details.map((one) => one.name).join(', ')}`,
        };
      else if (!safeColumnsOf(found).includes(column)) yield missing(own, `${other}.${column}`, safeColumnsOf(found));
    }
    if (/\/\s*\d+(?![\d.eE])/.test(words))
      yield {
        at: own,
        seen: 'it divides by a whole number, which Athena rounds down and DuckDB does not',
        expected: 'a number with an exponent, such as / 1e3',
      };
    for (const word of columnsNamedIn(words)) {
      if (known.includes(word.toLowerCase())) continue;
      const isSensitive = table.columns[word.toLowerCase()] !== undefined;
      const { expected, ...fault } = missing(own, word, known);
      const asText = word === expression ? `"'${word}'" for a text, or ` : '';
      yield isSensitive ? sensitive(own, word) : { ...fault, expected: `${asText}${expected}` };
    }
  }
  if (table.calls?.answered !== undefined && table.calls.answered_basis === undefined)
    yield {
      at: `${at}.calls.answered_basis`,
      seen: 'it is missing, and calls has answered',
      expected: `"'stated'" if the vendor says it, "'inferred'" otherwise`,
    };
  yield* checkJoins(table, at);
  yield* checkHistory(table, at);
}

/** Checks a table with versions. A version is made from one staged row, and is found again by the id of its call. */
function* checkHistory({ history = [], key, calls, columns }: Table, tableAt: string): Iterable<Fault> {
  if (history.length === 0) return;
  const at = `${tableAt}.history`;
  const [id] = key;
  if (key.length !== 1 || (calls?.call_id !== id && calls?.call_id !== `CAST(${id} AS varchar)`))
    yield {
      at,
      seen: 'call_id in calls is not the key of the table',
      expected: 'one key column, and call_id that is this column, or CAST(… AS varchar) of it',
    };
  for (const name of history) {
    const words = columnsNamedIn(withoutTexts(calls?.[name] ?? ''));
    const strange = words.find((word) => !columns[word.toLowerCase()]);
    if (words.length === 0) yield { at, seen: `calls does not map ${name}`, expected: 'columns that calls maps' };
    else if (strange !== undefined)
      yield { at, seen: `${name} is made from ${strange}`, expected: 'columns of the table itself' };
  }
}

function* checkJoins(table: Table, at: string): Iterable<Fault> {
  const own = safeColumnsOf(table);
  for (const [join, { table: other, key, columns }] of Object.entries(table.callsJoins ?? {})) {
    const theirs = safeColumnsOf(other);
    for (const name of [...Object.keys(key), ...columns])
      if (!theirs.includes(name)) yield missing(`${at}.callsJoins.${join}`, `${name} in ${other.name}`, theirs);
    for (const name of Object.values(key))
      if (!own.includes(name)) yield missing(`${at}.callsJoins.${join}.key`, name, own);
  }
}

function safeColumnsOf(table: Table): readonly string[] {
  return columnsIn(table, 'safe').map(({ name }) => name);
}

function joinedColumnsOf({ callsJoins = {} }: Table): readonly string[] {
  return Object.entries(callsJoins).flatMap(([join, { columns }]) => columns.map((column) => `${join}_${column}`));
}
