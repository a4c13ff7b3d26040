import { hash } from 'node:crypto';
import type { Value } from '../../../schemas/value.ts';

/** 128 bits of SHA-256 as 22 characters of base64url: enough that two versions of one row never agree by chance. */
export function toContentHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}

/** Text of a value for a content hash. The length in front keeps neighbouring values apart: equal texts mean equal values. */
export function hashText(value: Value): string {
  if (value === null) return '-';
  const text = typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
  return `${text.length}:${text}`;
}
