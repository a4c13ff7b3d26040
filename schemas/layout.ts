import type { ColumnType } from './column.ts';
import { ACCOUNT, BOOKKEEPING, CALLER_HASH, EXTRA, STAGING } from './standard-columns.ts';
import type { Table } from './table.ts';

/** Which databases a column stands in, next to the staged file, which holds them all. */
export type Home = 'both' | 'phi' | 'safe' | 'staging';

/** One column as it lies in a file or table, whatever declared it. */
export interface PlacedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly doc: string;
  readonly home: Home;
  readonly unit?: string;
}

const layouts = new WeakMap<Table, readonly PlacedColumn[]>();

/** Every column of a table's staged file, in order: account, declared columns with their hashes, then the pipeline's own. */
export function layoutOf(table: Table): readonly PlacedColumn[] {
  const known = layouts.get(table);
  if (known) return known;
  const layout = [
    { ...ACCOUNT, home: 'both' as const },
    ...declaredColumns(table),
    ...(table.callerNumber ? [{ ...CALLER_HASH, home: 'safe' as const }] : []),
    { ...EXTRA, home: 'phi' as const },
    ...BOOKKEEPING.map((column) => ({ ...column, home: 'both' as const })),
    ...STAGING.map((column) => ({ ...column, home: 'staging' as const })),
  ];
  layouts.set(table, layout);
  return layout;
}

/** Columns of the table in `callhouse_phi` (keys, sensitive columns, `_extra`) or in `callhouse` (all that is not sensitive). */
export function columnsIn(table: Table, home: 'phi' | 'safe'): readonly PlacedColumn[] {
  return layoutOf(table).filter((column) => column.home === 'both' || column.home === home);
}

function declaredColumns(table: Table): PlacedColumn[] {
  return Object.entries(table.columns).flatMap(([name, { type, doc, nullable, sensitive, unit }]): PlacedColumn[] => {
    const column = { name, type, doc, nullable, unit };
    if (table.key.includes(name)) return [{ ...column, nullable: false, home: 'both' }];
    if (sensitive === false) return [{ ...column, home: 'safe' as const }];
    if (sensitive === true) return [{ ...column, home: 'phi' as const }];
    const hash = {
      name: `${name}_hash`,
      type: 'text' as const,
      nullable: true,
      doc: `Keyed hash (HMAC-SHA256, hex) of ${name}.`,
    };
    return [
      { ...column, home: 'phi' as const },
      { ...hash, home: 'safe' as const },
    ];
  });
}

/** Finds the position of a column in `layoutOf(table)`. */
export type ColumnIndex = (name: string) => number;

const indexes = new WeakMap<Table, ReadonlyMap<string, number>>();

/** Positions of a table's columns. The lookup throws an Error if the table has no such column. */
export function columnIndex(table: Table): ColumnIndex {
  const known = indexes.get(table) ?? new Map(layoutOf(table).map(({ name }, index) => [name, index]));
  indexes.set(table, known);
  return (name) => {
    const index = known.get(name);
    if (index === undefined) throw new Error(`table ${table.name} has no column ${name}`);
    return index;
  };
}
