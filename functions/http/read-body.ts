import { ContractError } from '../errors.ts';

/** Largest body, bytes after decompression. A gzip bomb would otherwise fill the memory of a small Lambda. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Reads a body to its end.
 * @param alive is called at each chunk, so that the caller can restart its idle timer
 * @throws ContractError if the body is larger than 32 MiB after decompression; whatever the connection throws if it breaks
 */
export async function readBody(response: Response, alive: () => void): Promise<Buffer> {
  if (!response.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    alive();
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES)
      throw new ContractError(`the answer is larger than ${MAX_BODY_BYTES >> 20} MiB; expected one page of records`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
