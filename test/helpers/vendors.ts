import { loadSources } from '../../functions/source/registry.ts';
import type { Source } from '../../functions/source/source.ts';

/** The four vendors that tests and snapshots are about; a further source of the repository changes none of them. */
export const VENDORS = ['kalem', 'kismet', 'solum', 'zudu'] as const;

/** Their sources. */
export async function vendorSources(): Promise<readonly Source[]> {
  return (await loadSources(VENDORS)).sources;
}
