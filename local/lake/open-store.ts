import type { Store } from '../../functions/ports.ts';
import { type DataDir, isBucket } from '../settings/data-dir.ts';
import { fsStore } from './fs-store.ts';

/** Opens the store of a data directory: its folder, or its bucket. @throws ConfigError, CredentialsError */
export async function openStore({ lake }: Pick<DataDir, 'lake'>): Promise<Store> {
  if (!isBucket(lake)) return fsStore(lake);
  const { bucketStore } = await import('../aws/bucket-store.ts');
  return bucketStore(lake);
}
