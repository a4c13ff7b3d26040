import { BOOKKEEPING_TABLES, type BookkeepingTable } from '../bookkeeping.ts';
import { layoutOf, type PlacedColumn } from '../layout.ts';
import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';
import { DATABASES, type Databases } from './databases.ts';

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

/** The data dictionary as Markdown: every table, view and column, with what stands where. */
export function dictionaryText(
  tables: readonly Table[],
  views: readonly View[],
  databases: Databases = DATABASES,
): string {
  const sections = [
    introduction(databases),
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
    'Made from `schemas/` by `npm run docs`; do not edit.',
    [
      `Views, and the columns marked *safe*, stand in \`${safe}\`, which BI may read. Columns marked *PHI* hold health data or personal`,
      `data and stand only in \`${phi}\`, in the table of the same name with the same keys. Columns marked *both* stand in both. Keys are unique`,
      'together with `account`. Instants are in UTC. `^` in a path means the record that a child element belongs to, `$` what the source',
      'knows from its request.',
    ].join('\n'),
  ].join('\n\n');
}

function tableSection(table: Table): string {
  const columns = layoutOf(table).filter(({ home }) => home !== 'staging');
  const lines = columns.map((column) => [
    code(column.name),
    typeOf(column),
    nullText(!column.nullable && column.home === 'both'),
    pathOf(table, column.name),
    CLASSES[column.home],
    column.doc,
  ]);
  return [
    `### ${table.name}`,
    table.doc,
    factsOf(table),
    markdownTable(['column', 'type', 'null', 'from', 'class', 'what it is'], lines),
  ].join('\n\n');
}

function factsOf({ source, key, partOn, removal }: Table): string {
  const filed = partOn ? `of ${code(partOn)}` : 'it was first seen';
  const keys = ['account', ...key].map(code).join(', ');
  return `Source ${code(source)}. Key ${keys}. Filed under the day ${filed}. ${REMOVALS[removal]}.`;
}

const CLASSES: Readonly<Record<PlacedColumn['home'], string>> = { both: 'both', phi: 'PHI', safe: 'safe', staging: '' };

const REMOVALS: Readonly<Record<Table['removal'], string>> = {
  'by-absence': 'Marked deleted once two complete scans did not show it',
  'with-parent': 'Marked deleted when its record is read without it',
  never: 'Never marked deleted',
};

function viewSection(view: View): string {
  const lines = Object.entries(view.columns).map(([name, column]) => [code(name), typeOf(column), column.doc]);
  return [`### ${view.name}`, view.doc, markdownTable(['column', 'type', 'what it is'], lines)].join('\n\n');
}

function bookkeepingSection(table: BookkeepingTable): string {
  const lines = Object.entries(table.columns).map(([name, column]) => [
    code(name),
    typeOf(column),
    nullText(!column.nullable),
    column.doc,
  ]);
  return [`### ${table.name}`, table.doc, markdownTable(['column', 'type', 'null', 'what it is'], lines)].join('\n\n');
}

function typeOf({ type, unit }: { readonly type: keyof typeof TYPE_NAMES; readonly unit?: string }): string {
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
