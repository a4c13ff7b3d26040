import { open } from 'node:fs/promises';

/** Waits until a file, or the names in a folder, are on the disk. Not every system can sync a folder; then it does nothing. */
export async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined);
  await file?.sync().catch(() => undefined);
  await file?.close();
}
