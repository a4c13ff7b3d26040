import type { Column } from '../../../schemas/column.ts';
import {
  bigint,
  boolean,
  code,
  date,
  decimal,
  double,
  doubles,
  id,
  json,
  text,
  timestamp,
} from '../../../schemas/column.ts';
import { defineTable, type Table } from '../../../schemas/table.ts';
import type { GuessedCalls } from './guess-calls.ts';
import type { GuessedColumn } from './guess-columns.ts';

/** Biome breaks longer lines, and `npm run lint` refuses them. */
export const WIDTH = 120;

const KINDS = { bigint, boolean, date, decimal, double, doubles, id, json, text, timestamp } as const;

/** Name of the function that declares the column. */
const plainKind = ({ type, isId = false }: GuessedColumn) => (isId ? 'id' : type);
const kindOf = (column: GuessedColumn) => (column.words ? 'code' : plainKind(column));

/** What the files of a new source are written from. */
export interface NewTable {
  /** Name of the source. */
  readonly source: string;
  readonly columns: readonly GuessedColumn[];
  /** Column that identifies a record. */
  readonly key: string;
  readonly callerNumber?: GuessedCalls['callerNumber'];
  /** Expressions for columns of `calls`, besides those of its id and times. */
  readonly calls?: GuessedCalls['calls'];
}

/** Columns of a source without a sample. */
export const NO_SAMPLE: Pick<NewTable, 'columns' | 'key'> = {
  key: 'id',
  columns: [
    { name: 'id', path: 'id', type: 'text', isId: true, sensitive: false, url: false, nullable: false },
    { name: 'started_at', path: 'started_at', type: 'timestamp', sensitive: false, url: false, nullable: true },
  ],
};

/** Name of the table's constant. */
export function constantOf(source: string): string {
  return `${source.replace(/_+(\w)/g, (_all, letter: string) => letter.toUpperCase())}Calls`;
}

/** The time by which a list of calls is probably sorted. */
export function startOf({ columns }: Pick<NewTable, 'columns'>): GuessedColumn | undefined {
  const times = columns.filter(({ type }) => type === 'timestamp');
  return (
    times.find(({ name }) => /start|begin|began/.test(name)) ?? times.find(({ name }) => /creat/.test(name)) ?? times[0]
  );
}

/** The table as its file will declare it. */
export function tableOf({ source, columns, key }: NewTable): Table {
  const declared = columns.map((column) => {
    const { name, path, hash, sensitive, url, nullable, words } = column;
    const declare = (words ? code(...words) : KINDS[plainKind(column)]) as (options: object) => Column;
    return [name, declare({ path, nullable, url, hash, sensitive, doc: docOf(path) })];
  });
  return defineTable({
    name: `${source}_calls`,
    source,
    doc: docOfTable(source),
    key: [key],
    columns: Object.fromEntries(declared),
  });
}

/** Text of `schemas/tables/<source>.ts`. */
export function tableFile(table: NewTable): string {
  const { source, columns, key } = table;
  const kinds = [...new Set(columns.map(kindOf))].sort();
  const start = startOf(table);
  const end = columns.find(({ name, type }) => type === 'timestamp' && /end|finish|hangup/.test(name));
  const calls = {
    call_id: isText(columns, key) ? key : `CAST(${key} AS varchar)`,
    ...table.calls,
    ...(start && { started_at: start.name }),
    ...(end && { ended_at: end.name }),
  };
  return [
    `import { ${kinds.join(', ')} } from '../column.ts';`,
    "import { defineTable } from '../table.ts';",
    '',
    '// Written by `callhouse new-source`. Say what each column means, give numbers a unit, and remove what nobody needs. A text is',
    '// sensitive; if it is an id, a word of a list or a name that staff chose, declare that: see docs/adding-a-source.md.',
    `/** ${docOfTable(source)} */`,
    `export const ${constantOf(source)} = defineTable({`,
    `  name: '${source}_calls',`,
    `  source: '${source}',`,
    `  doc: '${docOfTable(source)}',`,
    `  key: ['${key}'],`,
    ...callerLines(table),
    '  columns: {',
    ...columns.flatMap(columnLines),
    '  },',
    // The view `calls` needs the start of a call.
    ...(start ? ['  calls: {', ...Object.entries(calls).map(callsLine), '  },'] : []),
    '});',
    '',
  ].join('\n');
}

function isText(columns: readonly GuessedColumn[], name: string): boolean {
  return columns.some((column) => column.name === name && column.type === 'text');
}

function callsLine([name, expression]: readonly [string, string]): string {
  const line = `    ${name}: ${quoted(expression)},`;
  return line.length <= WIDTH ? line : `    ${name}:\n      ${quoted(expression)},`;
}

/** A text as the formatter writes it. */
function quoted(text: string): string {
  return text.includes("'") ? `"${text}"` : `'${text}'`;
}

function callerLines({ callerNumber }: NewTable): readonly string[] {
  if (!callerNumber) return [];
  const { inbound, outbound, direction, words } = callerNumber;
  const list = (some: readonly string[] = []) => `[${some.map(quoted).join(', ')}]`;
  const parts = [
    `inbound: '${inbound}'`,
    `outbound: '${outbound}'`,
    ...(direction === undefined ? [] : [`direction: '${direction}'`]),
    ...(words ? [`words: { inbound: ${list(words.inbound)}, outbound: ${list(words.outbound)} }`] : []),
  ];
  const line = `  callerNumber: { ${parts.join(', ')} },`;
  return line.length <= WIDTH ? [line] : ['  callerNumber: {', ...parts.map((part) => `    ${part},`), '  },'];
}

function columnLines(column: GuessedColumn): readonly string[] {
  const { name, type, path, sensitive, hash, url, nullable, words, unit } = column;
  const isFree = type === 'text' || type === 'json';
  const parts = [
    `path: '${path}'`,
    ...(nullable ? [] : ['nullable: false']),
    ...(sensitive && hash === undefined && !isFree ? ['sensitive: true'] : []),
    ...(hash === undefined ? [] : [`hash: '${hash}'`]),
    ...(url ? ['url: true'] : []),
    ...(unit === undefined ? [] : [`unit: '${unit}'`]),
    `doc: '${docOf(path)}'`,
  ];
  const declare = words ? `code(${words.map(quoted).join(', ')})` : kindOf(column);
  const line = `    ${name}: ${declare}({ ${parts.join(', ')} }),`;
  if (line.length <= WIDTH) return [line];
  const opened = words
    ? [`    ${name}: code(`, ...words.map((word) => `      ${quoted(word)},`), '    )({']
    : [`    ${name}: ${declare}({`];
  return [...opened, ...parts.map((part) => `      ${part},`), '    }),'];
}

const docOf = (path: string) => `Field ${path} of the vendor.`;
const docOfTable = (source: string) => `One row per call of ${source}.`;
