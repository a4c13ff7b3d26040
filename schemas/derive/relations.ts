import type { ColumnType } from '../column.ts';
import { columnsIn } from '../layout.ts';
import type { OwnTable } from '../own-table.ts';
import { OWN_TABLES } from '../own-tables.ts';
import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';

/** A table or view that BI tools see, with what they can show of it. */
export interface Relation {
  readonly name: string;
  readonly kind: 'table' | 'view';
  readonly doc: string;
  readonly columns: readonly RelationColumn[];
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** Other tables with a row that a row of this one belongs to, by the columns of both that must be equal. */
  readonly parents: readonly Parent[];
}

/** One column of a table or view. */
export interface RelationColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly doc: string;
  readonly unit?: string | undefined;
  /** True if no row lacks a value. */
  readonly isRequired: boolean;
  /** The words that it may hold besides null. @default any */
  readonly words?: readonly string[] | undefined;
}

/** A table to which rows of another one belong. */
export interface Parent {
  readonly name: string;
  /** Pairs of columns: the row's own, and the parent's. */
  readonly on: readonly (readonly [own: string, parents: string])[];
}

/** Every table and view of the safe database: the views first, in the order to try them. */
export function relationsOf(tables: readonly Table[], views: readonly View[]): readonly Relation[] {
  return [...views.map(ofView), ...tables.map((table) => ofTable(table, tables)), ...OWN_TABLES.map(ofOwnTable)];
}

function ofView({ name, doc, key, columns }: View): Relation {
  const listed = Object.entries(columns).map(([column, { type, doc: meaning, unit, words }]) => ({
    ...{ name: column, type, doc: meaning, unit, words, isRequired: false },
  }));
  return { name, kind: 'view', doc, key, columns: listed, parents: [] };
}

function ofTable(table: Table, tables: readonly Table[]): Relation {
  const key = ['account', ...table.key];
  const columns = columnsIn(table, 'safe').map(({ nullable, placement, ...column }) => ({
    ...column,
    isRequired: !nullable && placement === 'both',
  }));
  const parents = Object.entries(table.references ?? {}).flatMap(([column, name]): Parent[] => {
    const key = tables.find((one) => one.name === name)?.key;
    if (key?.length !== 1) return [];
    const on = [['account', 'account'] as const, [column, key[0] ?? ''] as const];
    return [{ name, on }];
  });
  return { name: table.name, kind: 'table', doc: table.doc, key, columns, parents };
}

function ofOwnTable({ name, doc, key, columns }: OwnTable): Relation {
  const listed = Object.entries(columns).map(([column, { nullable, ...rest }]) => ({
    ...{ ...rest, name: column, isRequired: !nullable },
  }));
  const isOfRun = name !== 'loads' && 'load_id' in columns;
  return {
    ...{ name, kind: 'table', doc, key, columns: listed },
    parents: isOfRun ? [{ name: 'loads', on: [['load_id', 'load_id']] }] : [],
  };
}
