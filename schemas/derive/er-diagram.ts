import type { ColumnType } from '../column.ts';
import { columnsIn } from '../layout.ts';
import type { OwnTable } from '../own-table.ts';
import { OWN_TABLES } from '../own-tables.ts';
import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';

/** A box of the diagram: a table or view with the columns that identify its rows. */
interface Entity {
  readonly name: string;
  readonly key: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
}

/** A row of `to` is about one row of `from`, which these columns find. */
interface Relation {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  /** Several rows of `to` may be about the same row. */
  readonly isMany: boolean;
}

/** The tables and views of the safe database and how to join them, as an entity-relationship diagram in Mermaid. */
export function erDiagram(tables: readonly Table[], views: readonly View[]): string {
  const entities = [...views.map(viewEntity), ...tables.map(tableEntity), ...OWN_TABLES.map(ownEntity)];
  const relations = [
    ...[...views, ...OWN_TABLES].flatMap(referenceRelations),
    ...tables.flatMap(tableRelations),
    ...ownRelations(),
  ];
  const known = new Set(entities.map(({ name }) => name));
  return [
    '```mermaid',
    'erDiagram',
    ...relations
      .filter(({ from, to }) => known.has(from) && known.has(to))
      .map(({ from, to, by, isMany }) => `  ${from} ||--o${isMany ? '{' : '|'} ${to} : "${by}"`),
    ...entities.flatMap(({ name, key, types }) => [
      `  ${name} {`,
      ...key.map((column) => `    ${types[column]} ${column} PK`),
      '  }',
    ]),
    '```',
  ].join('\n');
}

function viewEntity({ name, key, columns }: View): Entity {
  return { name, key, types: Object.fromEntries(Object.entries(columns).map(([column, { type }]) => [column, type])) };
}

function tableEntity(table: Table): Entity {
  const types = Object.fromEntries(columnsIn(table, 'safe').map(({ name, type }) => [name, type]));
  return { name: table.name, key: ['account', ...table.key], types };
}

function ownEntity({ name, key, columns }: OwnTable): Entity {
  return { name, key, types: Object.fromEntries(Object.entries(columns).map(([column, { type }]) => [column, type])) };
}

function referenceRelations({
  name,
  key,
  references = {},
}: Pick<View, 'name' | 'key' | 'references'>): readonly Relation[] {
  return Object.entries(references).map(([from, by]) => {
    const columns = by.split(/\W+/);
    return { from, to: name, by, isMany: !key.every((column) => columns.includes(column)) };
  });
}

function tableRelations({ name, references = {}, calls, key, source }: Table): readonly Relation[] {
  const own = Object.entries(references).map(([column, from]) => ({
    from,
    to: name,
    by: `account, ${column} = id`,
    isMany: true,
  }));
  if (!calls) return own;
  return [
    { from: name, to: 'calls', by: `account, ${key.join(', ')} = call_id; source ${source}`, isMany: false },
    ...own,
  ];
}

function ownRelations(): readonly Relation[] {
  return OWN_TABLES.filter(({ name, columns }) => name !== 'loads' && 'load_id' in columns).map(({ name }) => ({
    from: 'loads',
    to: name,
    by: 'load_id',
    isMany: true,
  }));
}
