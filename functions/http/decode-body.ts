import { toJsonText } from '../../schemas/json-text.ts';

/**
 * Characters of the bytes 0x80 to 0x9f in windows-1252. Node 20 decodes them as control characters.
 * @see {@link https://encoding.spec.whatwg.org/#legacy-single-byte-encodings}
 */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A body's text, or what is wrong with its bytes. */
export type Decoded = { readonly text: string } | { readonly wrong: string };

/**
 * Decodes a body by its byte order mark, else by the `charset` of its Content-Type, else as UTF-8. No byte is ever replaced by
 * U+FFFD: two ids that differ in such a byte would become one.
 */
export function decodeBody(bytes: Uint8Array, contentType: string): Decoded {
  const charset = markOf(bytes) ?? /;\s*charset\s*=\s*["']?([^"';\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  const decoder = decoderOf(charset);
  // The charset is the vendor's text, so it is not quoted.
  if (!decoder) return { wrong: 'in a charset that is unknown here; expected UTF-8' };
  try {
    const text = decoder.decode(bytes);
    return { text: decoder.encoding === 'windows-1252' ? text.replace(/[\u0080-\u009f]/g, printable) : text };
  } catch {
    return { wrong: `that is not valid ${decoder.encoding.toUpperCase()}; expected UTF-8` };
  }
}

/** What was read of a body, as JSON text; `null` if it is nested too deeply to be written. */
export function bytesAsRead(json: unknown): Buffer {
  try {
    return Buffer.from(toJsonText(json));
  } catch {
    return Buffer.from('null');
  }
}

function markOf([first, second]: Uint8Array): string | undefined {
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xef && second === 0xbb ? 'utf-8' : undefined;
}

function decoderOf(charset: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch {
    return undefined;
  }
}

function printable(control: string): string {
  return WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80);
}
