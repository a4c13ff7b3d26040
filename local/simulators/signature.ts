import { hashText } from './random.ts';

/** Placeholder in a signed URL; the server replaces it with a new signature at each read. */
export const SIGNATURE = '__SIGNATURE__';

/** A signature of the same length as its placeholder, so that bytes can be replaced in place. */
export function makeSignature(read: string): string {
  return hashText(read).toString(16).padStart(SIGNATURE.length, 'f');
}
