import type { Table } from '../schemas/table.ts';
import type { SourceInfo } from './config.ts';

/** Every table of these sources, in the order they are declared. */
export function tablesOf(sources: readonly Pick<SourceInfo, 'streams'>[]): readonly Table[] {
  return [...new Set(sources.flatMap(({ streams }) => Object.values(streams).flatMap(({ tables }) => tables)))];
}
