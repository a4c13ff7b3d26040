/** Controls, and separators of lines and paragraphs. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Characters without a shape, some of which reverse the order of what follows; those that join letters in Persian and Hindi names are kept. */
const SHAPELESS = /(?![\u200c\u200d])\p{Cf}/gu;

/** A text as a terminal may show it, on one line: nothing in it moves the cursor, changes colours or reverses the reading order. */
export function printable(text: string): string {
  return text.replace(BREAKS, ' ').replace(SHAPELESS, '');
}
