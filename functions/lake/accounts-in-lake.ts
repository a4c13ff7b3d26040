import type { Store } from '../ports.ts';
import { foldersIn } from './folders-in.ts';

/**
 * Accounts that have commits in the lake, by source, whether or not they are still extracted. One request per account.
 * @param names of the sources that count. @default all
 */
export async function accountsInLake(
  store: Store,
  names?: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const accounts: Record<string, string[]> = {};
  for (const folder of await foldersIn(store, 'commits/', 2)) {
    const [source, account] = folder.split('/');
    if (source === undefined || account === undefined || names?.includes(source) === false) continue;
    accounts[source] = [...(accounts[source] ?? []), account];
  }
  return accounts;
}
