import type { Table } from '../../schemas/table.ts';
import { checkOptOut, checkTable } from './check-table.ts';
import { type RecordKey, recordColumns } from './details.ts';
import { checkDurations, type Fault } from './fault.ts';
import type { CollectionStream, Details, Source } from './source.ts';

const EXAMPLE = "id({ path: '$id', nullable: false, … })";

/** Finds what is wrong in the details of a stream's records. @param name of the stream @param file name that its tables must have */
export function* checkDetails(
  name: string,
  stream: CollectionStream,
  { streams }: Pick<Source, 'streams'>,
  file: string,
): Iterable<Fault> {
  const [parent] = stream.tables ?? [];
  if (!parent) return;
  for (const [own, details] of Object.entries(stream.details ?? {})) {
    const place = `${name}.details.${own}`;
    if (!/^[a-z][a-z0-9_]*$/.test(own))
      yield { at: place, seen: 'it is not a name of a stream', expected: 'lower-case letters, digits and _' };
    if (!Array.isArray(details.tables) || details.tables.length === 0) {
      yield { at: `${place}.tables`, seen: 'there is none', expected: 'the table of the details' };
      continue;
    }
    const declared = streams[own];
    if (declared?.kind !== 'details' || declared.parent !== name)
      yield { at: place, seen: `another stream is called ${own}`, expected: 'a name of its own' };
    for (const table of details.tables) {
      yield* checkTable(table, file, place);
      yield* checkRecordKey(table, parent, `${place}.tables.${table.name}`);
    }
    yield* checkOptOut(details.tables, place);
    yield* checkForm(details, parent, place);
    yield* checkRequest(details, parent, place);
    for (const [n, { every, back }] of (details.again ?? []).entries())
      yield* checkDurations(`${place}.again.${n}`, { every, back });
  }
}

/** Checks that each row says which record it belongs to, so that it can follow that record. */
function* checkRecordKey(table: Table, parent: Table, at: string): Iterable<Fault> {
  for (const [n, column] of recordColumns(table, parent).entries()) {
    const name = parent.key[n] ?? '';
    if (column === undefined)
      yield {
        at: `${at}.key`,
        seen: `no key column reads $${name}, which identifies a record of ${parent.name}`,
        expected: `a key column such as ${EXAMPLE.replace('$id', `$${name}`)}`,
      };
    else if (table.columns[column]?.type !== parent.columns[name]?.type)
      yield {
        at: `${at}.columns.${column}`,
        seen: `it has type ${table.columns[column]?.type}`,
        expected: `${parent.columns[name]?.type}, as ${name} of ${parent.name}`,
      };
  }
  for (const [column, { paths }] of Object.entries(table.columns)) {
    const unknown = paths.find((path) => path.startsWith('$') && !parent.key.includes(path.slice(1)));
    if (unknown !== undefined)
      yield {
        at: `${at}.columns.${column}`,
        seen: `nothing fills ${unknown}`,
        expected: `one of ${parent.key.map((name) => `$${name}`).join(', ')}, the key of ${parent.name}`,
      };
  }
  if (table.removal === 'never')
    yield { at: `${at}.removal`, seen: "it is 'never'", expected: 'rows that are removed with their record' };
}

/** Checks that details are either one object, which may have child tables, or one list. */
function* checkForm({ tables, answer = {} }: Details, parent: Table, place: string): Iterable<Fault> {
  const [main, ...children] = tables;
  const at = `${place}.tables.${main.name}`;
  for (const field of Object.keys(answer)) {
    if (!['record', 'records', 'failed'].includes(field))
      yield { at: `${place}.answer.${field}`, seen: 'it is unknown', expected: 'record, records or failed' };
  }
  const isOwn = main.key.filter((name) => !recordColumns(main, parent).includes(name));
  if (answer.records === undefined) {
    if (main.explode)
      yield { at: `${at}.explode`, seen: 'the first table has it', expected: 'answer.records, the list of its rows' };
    if (isOwn.length > 0 || main.key.some((name, n) => name !== recordColumns(main, parent)[n]))
      yield {
        at: `${at}.key`,
        seen: `it is ${main.key.join(', ')}`,
        expected: `the key of ${parent.name} alone, in its order; or answer.records, if an answer is a list`,
      };
    for (const { name, removal } of children) {
      if (removal !== 'with-parent')
        yield { at: `${place}.tables.${name}.removal`, seen: `it is '${removal}'`, expected: "'with-parent'" };
    }
    return;
  }
  if (answer.record !== undefined)
    yield { at: `${place}.answer.record`, seen: 'there is also records', expected: 'one of the two' };
  if (isOwn.length === 0)
    yield {
      at: `${at}.key`,
      seen: 'it is that of the record',
      expected: 'a key column more, as records has many rows',
    };
  if (main.explode || main.optOut || children.length > 0)
    yield {
      at: `${place}.tables`,
      seen: 'answer.records has child tables, explode or optOut',
      expected: 'one table, whose rows are the elements of the list',
    };
}

/** Checks that two records are not requested in the same way. */
function* checkRequest({ path, ask }: Details, parent: Table, place: string): Iterable<Fault> {
  if (typeof path !== 'string' || !/^\/[^?#]*$/.test(path)) {
    yield { at: `${place}.path`, seen: 'it is not a path', expected: 'a text such as /v1/calls/{id}, without a query' };
    return;
  }
  const names = [...path.matchAll(/\{(\w*)\}/g)].map(([, name = '']) => name);
  for (const name of names) {
    if (!parent.key.includes(name) && !/^[A-Z][A-Z0-9_]*$/.test(name))
      yield {
        at: `${place}.path`,
        seen: `nothing fills {${name}}`,
        expected: `one of ${parent.key.map((key) => `{${key}}`).join(', ')}, or a credential such as {NAME}`,
      };
  }
  for (const name of parent.key) {
    const request = (value: string) => {
      const key = Object.fromEntries(parent.key.map((one) => [one, one === name ? value : 'x']));
      return `${names.includes(name) ? value : ''} ${textOf(ask, key)}`;
    };
    if (textOf(ask, {}) === undefined)
      yield { at: `${place}.ask`, seen: 'it fails, or returns no request', expected: '{ query } or { body }' };
    else if (request('one') === request('other'))
      yield {
        at: `${place}.path`,
        seen: `it requests the details of each ${name} in the same way`,
        expected: `{${name}} in the path, or ${name} in what ask returns`,
      };
  }
}

/** What is requested, as text; undefined if it is no request. */
function textOf(ask: Details['ask'], key: RecordKey): string | undefined {
  try {
    const request: unknown = ask ? ask(key) : {};
    const names = typeof request === 'object' && request !== null ? Object.keys(request) : ['none'];
    return names.every((name) => name === 'query' || name === 'body') ? JSON.stringify(request) : undefined;
  } catch {
    return undefined;
  }
}
