import { ConfigError } from '../../errors.ts';
import { didYouMean } from '../../nearest.ts';
import type { Source } from '../../source/source.ts';
import { referencesTo } from '../rows/shown-texts.ts';

/** A column of a table, `<table>.<column>`. */
type ColumnName = string;

/**
 * Columns with a part of a key, or with a part of the key of their record. A hash replaces a text there that does not fit, in both
 * schemas and for ever, so that no setting shows it.
 */
export function replacedColumns({ streams }: Pick<Source, 'streams'>): readonly ColumnName[] {
  return Object.values(streams).flatMap(({ tables }) =>
    tables.flatMap((table) =>
      [...table.key, ...referencesTo(tables[0], table)].map((column) => `${table.name}.${column}`),
    ),
  );
}

/** Checks that the setting `safeValues` names columns of the source that may hide a text. @throws ConfigError */
export function checkSafeValues(source: Source, safeValues: Readonly<Record<string, readonly string[]>>): void {
  const { name, streams } = source;
  const replaced = new Set(replacedColumns(source));
  const known = Object.values(streams)
    .flatMap(({ tables }) => tables)
    .flatMap((table) =>
      Object.entries(table.columns).flatMap(([column, { safe }]) => (safe ? [`${table.name}.${column}`] : [])),
    )
    .filter((column) => !replaced.has(column));
  for (const column of Object.keys(safeValues)) {
    if (known.includes(column)) continue;
    throw new ConfigError(
      `sources.${name}.safeValues: ${column} is not a column that hides texts${didYouMean(column, known)}; expected one of ${known.join(', ')}`,
      { source: name },
    );
  }
}
