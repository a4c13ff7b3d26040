/** A text is not JSON. The message quotes nothing, because the text may be health data. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** Length of the text, in UTF-16 units. */
  readonly length: number;

  constructor(length: number) {
    super(`${length} characters that are not JSON`);
    this.length = length;
  }
}

/** A text is JSON of more values, or of more levels, than the memory of a small machine holds. The message quotes nothing. */
export class JsonLimitError extends Error {
  override readonly name = 'JsonLimitError';
}

/**
 * Most values in one text, names of members not counted. A value of three characters takes 50 to 200 bytes of memory, and a text may
 * have 32 MiB.
 */
export const MOST_VALUES = 1_000_000;
/** Most members of one object, which takes several times as long to copy as a list of as many values. */
export const MOST_MEMBERS = 250_000;
/** Most numbers that a double cannot hold, each of which takes as long as ten other values. */
export const MOST_LONG_NUMBERS = 250_000;
/** Deepest nesting. */
export const MOST_LEVELS = 100_000;
