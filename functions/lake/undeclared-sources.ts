import type { Store } from '../ports.ts';
import { foldersIn } from './folders-in.ts';

/** Names of sources that a lake has commits or raw copies of, and that are not among the known ones: nobody can read these. */
export async function undeclaredSources(store: Store, known: readonly string[]): Promise<readonly string[]> {
  const names = [...(await foldersIn(store, 'commits/')), ...(await foldersIn(store, 'raw/'))];
  return [...new Set(names)].filter((name) => !known.includes(name)).sort();
}
