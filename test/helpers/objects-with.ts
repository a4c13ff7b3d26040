import type { MemoryStore } from '../../local/lake/memory-store.ts';
import { expandStored } from './expand-stored.ts';
import { readRows } from './read-parquet.ts';

/** Keys of the objects that hold a text, once decompressed and decoded. */
export async function objectsWith({ objects }: Pick<MemoryStore, 'objects'>, text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [key, body] of objects) if ((await textOf(key, Buffer.from(body))).includes(text)) found.push(key);
  return found;
}

/** What an object holds as text; one that was deleted is empty. */
async function textOf(key: string, body: Buffer): Promise<string> {
  if (body.byteLength === 0) return '';
  if (!key.endsWith('.parquet')) return expandStored(body).toString('utf8');
  return JSON.stringify(await readRows(body), (_name, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
