import type { Table } from '../schemas/table.ts';
import type { SourceInfo } from './config.ts';

/** Every table of these sources, once each, in declaration order. */
export function tablesOf(sources: readonly Pick<SourceInfo, 'streams'>[]): readonly Table[] {
  return [...new Set(sources.flatMap(({ streams }) => Object.values(streams).flatMap(({ tables }) => tables)))];
}
