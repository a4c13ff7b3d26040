import { hashText } from './random.ts';

/** Stands in a signed URL until it is served; every read then has another signature. */
export const SIGNATURE = '__SIGNATURE__';

/** A signature of the same length as its placeholder, so that bytes can be replaced in place. */
export function makeSignature(read: string): string {
  return hashText(read).toString(16).padStart(SIGNATURE.length, 'f');
}
