/**
 * Parses a small JSON object that Callhouse wrote itself.
 * @returns undefined if the bytes are not UTF-8 or not JSON; the caller decides what that means
 */
export function parseStored(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** Bytes of a small JSON object. */
export function storedJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
