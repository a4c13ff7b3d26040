import { BOOKKEEPING_TABLES, type BookkeepingTable } from '../bookkeeping.ts';
import { layoutOf, type Placement } from '../layout.ts';
import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';
import { classReason } from './class-reason.ts';
import { DATABASES, type Databases } from './databases.ts';
import { erDiagram } from './er-diagram.ts';

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
    ...beginning(views),
    '## How tables and views belong together',
    'A line ends in many rows where it forks; its text names the columns to join by, and each box the columns that identify a row. Every row of a table also names its run: `_load_id` is `load_id` in `loads`.',
    erDiagram(tables, views),
    '## Views',
    ...views.map(viewSection),
    '## Tables',
    ...tables.map(tableSection),
    "## The loader's own tables",
    ...BOOKKEEPING_TABLES.map(bookkeepingSection),
  ];
  return `${sections.join('\n\n')}\n`;
}

function introduction({ safe, phi }: Databases): string {
  return [
    '# Data dictionary',
    'Generated from `schemas/` by `npm run docs`; do not edit.',
    [
      `Views and the columns marked *safe* are in \`${safe}\`, which BI may read. Columns marked *PHI* hold health data or personal data;`,
      `they are only in \`${phi}\`, in the table of the same name, under the same keys. Columns marked *both* are in both databases. So are columns marked *shown*: \`${phi}\` holds each text as the vendor sent it, and`,
      `\`${safe}\` only texts that fit the column, else null. A key is`,
      'unique together with `account`. Timestamps are in UTC. In a path, `^` means the record that a child element belongs to, and `$` a fact',
      'that Callhouse knows from its request.',
    ].join('\n'),
  ].join('\n\n');
}

/** The views that answer most questions, in the order to try them. */
const FIRST = ['key_figures', 'calls_daily', 'calls'];

function beginning(views: readonly View[]): readonly string[] {
  const first = FIRST.flatMap((name) => views.filter((view) => view.name === name));
  if (first.length === 0) return [];
  return [
    '## Begin here',
    `Start with ${first.map(({ name }) => code(name)).join(', ')}: they answer most questions. [questions.md](questions.md) has thirty questions with their queries.`,
    markdownTable(
      ['view', 'one row is identified by', 'what it is'],
      [...first, ...views.filter((view) => !FIRST.includes(view.name))].map(({ name, key, doc }) => [
        `[${name}](#${name})`,
        key.map(code).join(', '),
        doc,
      ]),
    ),
  ];
}

function tableSection(table: Table): string {
  const lines = layoutOf(table).flatMap(({ placement, ...column }) => {
    if (placement === 'staging') return [];
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
  return [`### ${view.name}`, view.doc, key, markdownTable(['column', 'type', 'meaning'], lines)].join('\n\n');
}

function bookkeepingSection(table: BookkeepingTable): string {
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
}: {
  readonly type: keyof typeof TYPE_NAMES;
  readonly unit?: string | undefined;
}): string {
  return unit === undefined ? TYPE_NAMES[type] : `${TYPE_NAMES[type]}, ${unit}`;
}

function nullText(required: boolean): string {
  return required ? 'never' : 'yes';
}

function pathOf(table: Table, column: string): string {
  const declared = table.columns[column];
  if (declared) return declared.paths.map(code).join(' or ');
  return column.endsWith('_hash') && table.columns[column.slice(0, -'_hash'.length)] ? 'hash' : '–';
}

function code(name: string): string {
  return `\`${name}\``;
}

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}
