import { layoutOf, type Placement } from '../layout.ts';
import type { OwnTable } from '../own-table.ts';
import { OWN_TABLES } from '../own-tables.ts';
import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';
import { classReason } from './class-reason.ts';
import { DATABASES, type Databases } from './databases.ts';
import { beginning, inReadingOrder } from './dictionary-beginning.ts';
import { erDiagram } from './er-diagram.ts';
import { code, markdownTable } from './markdown.ts';

const TYPE_NAMES = {
  text: 'text',
  bigint: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp, UTC',
  date: 'date',
  decimal: 'decimal(18,6)',
  json: 'JSON as text',
  doubles: 'list of double',
} as const;

/** The data dictionary as Markdown: every view, table and column, and which database holds it. */
export function dictionaryText(
  tables: readonly Table[],
  views: readonly View[],
  databases: Databases = DATABASES,
): string {
  const sections = [
    introduction(databases),
    ...beginning(tables, views),
    '## Views',
    ...inReadingOrder(views).map(viewSection),
    '## Tables',
    classes(databases),
    ...commonSection(tables),
    ...tables.map((table) => tableSection(table, tables)),
    "## The loader's own tables",
    ...OWN_TABLES.map(ownSection),
    '## How tables and views belong together',
    'A line ends in many rows where it forks; its text names the columns to join by, and each box the columns that identify a row. Every row of a table also names its run: `_load_id` is `load_id` in `loads`.',
    erDiagram(tables, views),
  ];
  return `${sections.join('\n\n')}\n`;
}

function introduction({ safe, phi }: Databases): string {
  return [
    '# Data dictionary',
    'Generated from `schemas/` by `npm run docs`; do not edit.',
    `Views, and the columns of [tables](#tables) that are neither health data nor personal data, are in \`${safe}\`, which BI may read. The other columns are only in \`${phi}\`.`,
  ].join('\n\n');
}

/** In which database a column is, and how a vendor path reads. */
function classes({ safe, phi }: Databases): string {
  return [
    `Columns marked *safe* are in \`${safe}\`, which BI may read. Columns marked *PHI* hold health data or personal data;`,
    `they are only in \`${phi}\`, in the table of the same name, under the same keys. Columns marked *both* are in both databases.`,
    `So are columns marked *shown*: \`${phi}\` holds each text as the vendor sent it, and \`${safe}\` only texts that fit the column, else null.`,
    'A key is unique together with `account`. In a path, `^` means the record that a child element belongs to, and `$` a fact that Callhouse knows from its request.',
  ].join('\n');
}

function tableSection(table: Table, tables: readonly Table[]): string {
  const lines = layoutOf(table).flatMap(({ placement, ...column }) => {
    if (placement === 'staging' || isCommon(column.name, tables)) return [];
    const isRequired = !column.nullable && placement === 'both';
    const path = pathOf(table, column.name);
    const why = classReason(table, { ...column, placement });
    return [[code(column.name), typeOf(column), nullText(isRequired), path, CLASSES[placement], column.doc, why]];
  });
  return [
    `### ${table.name}`,
    table.doc,
    factsOf(table),
    markdownTable(['column', 'type', 'null', 'vendor path', 'class', 'meaning', 'why this class'], lines),
  ].join('\n\n');
}

/** The columns that every table has, which the sections of the tables leave out. */
function commonSection(tables: readonly Table[]): readonly string[] {
  const [first] = tables;
  if (!first) return [];
  const lines = layoutOf(first).flatMap(({ placement, ...column }) => {
    if (placement === 'staging' || !isCommon(column.name, tables)) return [];
    const isRequired = !column.nullable && placement === 'both';
    const why = classReason(first, { ...column, placement });
    return [[code(column.name), typeOf(column), nullText(isRequired), CLASSES[placement], column.doc, why]];
  });
  const head = ['column', 'type', 'null', 'class', 'meaning', 'why this class'];
  return ['### Columns of every table', markdownTable(head, lines)];
}

/** True if all tables have the column, and none reads it from the vendor's record. */
function isCommon(name: string, tables: readonly Table[]): boolean {
  return tables.every(
    (table) => layoutOf(table).some((column) => column.name === name) && pathOf(table, name) === NO_PATH,
  );
}

function factsOf({ source, key, partOn, removal }: Table): string {
  const partition = partOn ? `the day of ${code(partOn)}` : 'the day a row was first seen';
  const keys = ['account', ...key].map(code).join(', ');
  return `Source ${code(source)}. Key ${keys}. \`_part_on\` is ${partition}. ${REMOVALS[removal]}.`;
}

const CLASSES: Readonly<Record<Exclude<Placement, 'staging'>, string>> = {
  both: 'both',
  shown: 'shown',
  phi: 'PHI',
  safe: 'safe',
};

const REMOVALS: Readonly<Record<Table['removal'], string>> = {
  'by-absence': 'A row is marked deleted after it was missing from two complete scans',
  'with-parent': 'A row is marked deleted when its record is read again without it',
  never: 'Rows are never marked deleted',
};

function viewSection(view: View): string {
  const lines = Object.entries(view.columns).map(([name, column]) => [code(name), typeOf(column), column.doc]);
  const key = `A row is identified by ${view.key.map(code).join(', ')}.`;
  const values = Object.entries(view.values ?? {}).map(([column, meanings]) =>
    markdownTable(
      [`value of ${code(column)}`, 'what it is'],
      Object.entries(meanings).map(([value, meaning]) => [code(value), meaning]),
    ),
  );
  const columns = markdownTable(['column', 'type', 'meaning'], lines);
  return [`### ${view.name}`, view.doc, key, columns, ...values].join('\n\n');
}

function ownSection(table: OwnTable): string {
  const lines = Object.entries(table.columns).map(([name, column]) => [
    code(name),
    typeOf(column),
    nullText(!column.nullable),
    column.doc,
  ]);
  return [`### ${table.name}`, table.doc, markdownTable(['column', 'type', 'null', 'meaning'], lines)].join('\n\n');
}

function typeOf({
  type,
  unit,
  isClinicClock = false,
}: {
  readonly type: keyof typeof TYPE_NAMES;
  readonly unit?: string | undefined;
  readonly isClinicClock?: boolean | undefined;
}): string {
  if (isClinicClock) return 'timestamp, clinic clock';
  return unit === undefined ? TYPE_NAMES[type] : `${TYPE_NAMES[type]}, ${unit}`;
}

function nullText(required: boolean): string {
  return required ? 'never' : 'yes';
}

const NO_PATH = '–';

function pathOf(table: Table, column: string): string {
  const declared = table.columns[column];
  if (declared) return declared.paths.map(code).join(' or ');
  return column.endsWith('_hash') && table.columns[column.slice(0, -'_hash'.length)] ? 'hash' : NO_PATH;
}
