import { createHash } from 'node:crypto';
import type { Databases } from '../../schemas/derive/databases.ts';
import { duckdbComments, duckdbTable } from '../../schemas/derive/ddl.ts';
import { type Shape, shapesOf } from '../../schemas/derive/shape.ts';
import { quoteName } from '../../schemas/derive/sql-text.ts';
import { createView, viewShape } from '../../schemas/derive/view-sql.ts';
import type { Table } from '../../schemas/table.ts';
import type { View, ViewSettings } from '../../schemas/views/view.ts';
import { viewsFor } from '../../schemas/views/views.ts';

/** Repeatable statements that create or extend the declared tables and views in a DuckDB file, and their hash, which shows whether they already ran. */
export function preparation(tables: readonly Table[], settings: ViewSettings, databases: Databases) {
  const shapes = shapesOf(tables, databases);
  const views = viewsFor(tables, settings, databases);
  const statements = [
    ...Object.values(databases).map((database) => `CREATE SCHEMA IF NOT EXISTS ${quoteName(database)}`),
    ...shapes.flatMap((shape) => [...duckdbTable(shape), ...duckdbComments('TABLE', shape)]),
    ...views.flatMap((view) => viewStatements(view, databases)),
    ...passThroughs([
      ...shapes.filter(({ database }) => database === databases.safe),
      ...views.map((view) => viewShape(view, databases)),
    ]),
  ];
  return { statements, hash: createHash('sha256').update(statements.join(';\n')).digest('hex') };
}

function viewStatements(view: View, databases: Databases): readonly string[] {
  return [createView(view, databases), ...duckdbComments('VIEW', viewShape(view, databases))];
}

/** Views in `main` of everything in `callhouse`, so that `select count(*) from calls` works in any client. */
function passThroughs(shapes: readonly Pick<Shape, 'database' | 'name' | 'doc' | 'columns'>[]): readonly string[] {
  return shapes.flatMap((shape) => {
    const columns = shape.columns.map(({ name }) => quoteName(name)).join(', ');
    const source = `${quoteName(shape.database)}.${quoteName(shape.name)}`;
    return [
      `CREATE OR REPLACE VIEW main.${quoteName(shape.name)} AS SELECT ${columns} FROM ${source}`,
      ...duckdbComments('VIEW', { ...shape, database: 'main' }),
    ];
  });
}
