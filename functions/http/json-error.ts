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
