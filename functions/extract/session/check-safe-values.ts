import { ConfigError } from '../../errors.ts';
import { didYouMean } from '../../nearest.ts';
import type { Source } from '../../source/source.ts';

/** Checks that the setting `safeValues` names columns of the source that may hide a text. @throws ConfigError */
export function checkSafeValues(
  { name, streams }: Source,
  safeValues: Readonly<Record<string, readonly string[]>>,
): void {
  const tables = Object.values(streams).flatMap((stream) => stream.tables);
  const known = tables.flatMap((table) =>
    Object.entries(table.columns).flatMap(([column, { safe }]) =>
      safe && !table.key.includes(column) ? [`${table.name}.${column}`] : [],
    ),
  );
  for (const column of Object.keys(safeValues)) {
    if (known.includes(column)) continue;
    throw new ConfigError(
      `sources.${name}.safeValues: ${column} is no column that hides texts${didYouMean(column, known)}; expected one of ${known.join(', ')}`,
      { source: name },
    );
  }
}
