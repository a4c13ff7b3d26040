import { BOOKKEEPING_TABLES, type BookkeepingTable } from '../bookkeeping.ts';
import type { ColumnType } from '../column.ts';
import { columnsIn } from '../layout.ts';
import type { Table } from '../table.ts';
import { DATABASES, type Databases } from './databases.ts';

/** One column of a table as it stands in a database. */
export interface ShapeColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The engine itself refuses null. */
  readonly required: boolean;
  readonly doc: string;
  readonly unit?: string | undefined;
}

/** One table as it stands in one database; what data definition needs to know. */
export interface Shape {
  readonly database: string;
  readonly name: string;
  readonly doc: string;
  /** Partitioned by account and month of `_part_on`. */
  readonly partitioned: boolean;
  readonly columns: readonly ShapeColumn[];
}

/** Every table of `callhouse_phi` and `callhouse`, the loader's own included. */
export function shapesOf(tables: readonly Table[], databases: Databases = DATABASES): readonly Shape[] {
  return [
    ...tables.flatMap((table) => [shapeIn(table, 'phi', databases), shapeIn(table, 'safe', databases)]),
    ...BOOKKEEPING_TABLES.map((table) => bookkeepingShape(table, databases)),
  ];
}

/** One of the two twins of a table. */
export function shapeIn(table: Table, home: 'phi' | 'safe', databases: Databases = DATABASES): Shape {
  // A vendor's null never refuses a row, so only keys and the pipeline's own columns, which stand in both twins, are required.
  const columns = columnsIn(table, home).map(({ nullable, home: stands, ...column }) => ({
    ...column,
    required: !nullable && stands === 'both',
  }));
  const doc = home === 'safe' ? table.doc : `${table.doc} Sensitive columns; same keys as in ${databases.safe}.`;
  return { database: databases[home], name: table.name, doc, partitioned: true, columns };
}

function bookkeepingShape(table: BookkeepingTable, databases: Databases): Shape {
  const columns = Object.entries(table.columns).map(([name, { nullable, ...column }]) => ({
    ...column,
    name,
    required: !nullable,
  }));
  return { database: databases.safe, name: table.name, doc: table.doc, partitioned: false, columns };
}
