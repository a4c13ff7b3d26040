import { columnsIntoOthers, remedyForPath, unseenChildKey } from '../../../functions/source/child-paths.ts';
import type { Answer, Paths } from '../../../functions/source/paging.ts';
import type { Stream } from '../../../functions/source/source.ts';
import { isJsonObject, valueAtPath } from '../../../schemas/json-text.ts';
import { pagingKindOf } from './encode-answer.ts';
import { ownPath } from './make-record.ts';

/** One fact that real answers showed. */
export interface OnlineResult {
  readonly name: string;
  /** Undefined if the answers do not say whether it is right. */
  readonly isOk: boolean | undefined;
  /** What was seen: counts and names, never a value. */
  readonly seen: string;
}

/** A real answer: as parsed, and its records. */
export interface RealAnswer {
  readonly body: unknown;
  readonly records: readonly unknown[];
}

/** Compares what is declared with the answers of the first pages. */
export function* judgeAnswers(stream: Stream, answers: readonly RealAnswer[], size: number): Iterable<OnlineResult> {
  if (stream.answer) yield* judgePaths(stream.answer, answers, size);
  const records = answers.flatMap((answer) => answer.records).filter(isJsonObject);
  if (records.length === 0) {
    yield {
      name: 'records',
      isOk: undefined,
      seen: 'no record was listed, so that nothing is known of key, order and columns',
    };
    return;
  }
  yield* judgeKey(stream, records);
  yield* judgeOrder(stream, records);
  yield* judgeNesting(stream, records);
  yield judgeColumns(stream, records);
}

/** A path that no answer has is misspelt, or the vendor never sends it. */
function* judgePaths(answer: Answer, answers: readonly RealAnswer[], size: number): Iterable<OnlineResult> {
  const next = pagingKindOf(answer) === 'token' ? (answer.next as Paths) : linkOf(answer);
  const isFull = answers.some(({ records }) => records.length > 0 && records.length >= size);
  const declared = {
    more: answer.more,
    page: answer.page,
    pages: answer.pages,
    total: answer.total,
    link: answer.link,
    next,
  };
  for (const [field, paths] of Object.entries(declared)) {
    if (paths === undefined) continue;
    const path = [paths].flat().join(' or ');
    if ([paths].flat().some((one) => answers.some(({ body }) => has(body, one)))) {
      yield { name: `answer.${field}`, isOk: true, seen: `${path} is in the answers` };
    } else if ((field === 'next' || field === 'link') && !isFull) {
      // A vendor may leave it out of the last page, and this list has no other.
      yield { name: `answer.${field}`, isOk: undefined, seen: `the list has one page, which has no ${path}` };
    } else {
      const remedy = `check the spelling of answer.${field} in the vendor's document`;
      yield { name: `answer.${field}`, isOk: false, seen: `no answer had a field ${path}; ${remedy}` };
    }
  }
}

function linkOf({ next }: Answer): Paths | undefined {
  return typeof next === 'object' && 'link' in next ? next.link : undefined;
}

function* judgeKey(
  { tables: [{ key, columns, explode }] }: Stream,
  records: readonly object[],
): Iterable<OnlineResult> {
  for (const name of explode ? [] : key) {
    const paths = (columns[name]?.paths ?? []).filter((path) => !/^[$^]/.test(path));
    if (paths.length === 0) continue;
    const without = records.filter((record) => !paths.some((path) => has(record, path))).length;
    const seen = `${without} of ${records.length} records have no ${paths.join(' or ')}`;
    yield {
      name: `key ${name}`,
      isOk: without === 0,
      seen: without === 0 ? seen : `${seen}; check the path of key column ${name}`,
    };
  }
}

function* judgeOrder(stream: Stream, records: readonly object[]): Iterable<OnlineResult> {
  const fields = stream.kind === 'collection' ? stream.order : [];
  if (fields.length === 0) return;
  const isSorted = (field: string) => {
    const times = records.map((record) => timeAt(record, field)).filter((time) => !Number.isNaN(time));
    return times.length > 0 && times.every((time, n) => n === 0 || time <= (times[n - 1] ?? time));
  };
  const sorted = fields.filter(isSorted);
  const seen =
    sorted.length > 0
      ? `newest first by ${sorted.join(', ')}`
      : `not newest first by ${fields.join(' or ')}; every run will read the complete list. Name another field in order, or ask the vendor to sort`;
  yield { name: 'order', isOk: sorted.length > 0, seen };
}

function timeAt(record: object, path: string): number {
  const value = valueAtPath(record, path.split('.'));
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (/^\d+$/.test(value) ? Number(value) : Date.parse(value)) : Number.NaN;
}

/** A column whose path leads into something other than an object is null in each row. */
function* judgeNesting({ tables }: Stream, records: readonly object[]): Iterable<OnlineResult> {
  for (const { column, path, at, kind } of columnsIntoOthers(tables, records))
    yield {
      name: `column ${column}`,
      isOk: false,
      seen: `path ${path}: ${at} is ${kind}; expected an object; ${remedyForPath({ kind })}`,
    };
  for (const table of tables.slice(1)) {
    const key = unseenChildKey(table, records, 1);
    if (key !== undefined)
      yield {
        name: `key ${table.name}.${key}`,
        isOk: false,
        seen: `no element has ${table.columns[key]?.paths.join(' or ')}; check the path of key column ${key}`,
      };
  }
}

/** Fields that no column reads, and columns that no record fills. Both may be right. */
function judgeColumns({ tables }: Stream, records: readonly object[]): OnlineResult {
  const [{ columns }] = tables;
  const read = new Set(
    tables
      .flatMap((table) => [...Object.values(table.columns).flatMap(({ paths }) => paths), ...table.ignorePaths])
      .map((path) => path.replace(/^\^/, '').split('.')[0]),
  );
  const fields = [...new Set(records.flatMap((record) => Object.keys(record)))].filter((name) => !read.has(name));
  const empty = Object.entries(columns).filter(([, column]) => {
    const path = ownPath(column);
    return path !== undefined && !records.some((record) => column.paths.some((one) => has(record, one)));
  });
  const parts = [
    fields.length > 0 ? `fields without a column: ${fields.sort().join(', ')}` : 'each field has a column',
    empty.length > 0 ? `columns without a field: ${empty.map(([name]) => name).join(', ')}` : 'each column has a field',
  ];
  return { name: 'columns', isOk: true, seen: parts.join('; ') };
}

/** True if the value has the path, though perhaps null. */
export function has(value: unknown, path: string): boolean {
  return path === '.' || valueAtPath(value, path.split('.')) !== undefined;
}
