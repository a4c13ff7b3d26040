import { ContractError } from '../errors.ts';

/** A page larger than this, decoded, is no page. A gzip bomb would otherwise fill a small Lambda. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a body whole, counting decoded bytes.
 * @param alive is called at each chunk, so that the caller's idle timer starts again
 * @throws ContractError past {@link MAX_BODY_BYTES}; whatever the connection throws when it breaks
 */
export async function readBody(response: Response, alive: () => void): Promise<Buffer> {
  if (!response.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    alive();
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new ContractError(`the answer is larger than ${MAX_BODY_BYTES >> 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
