/** A text is not JSON. The message gives the position and quotes nothing, because the text may be health data. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** Position at which the text stops being JSON, in UTF-16 units. */
  readonly offset: number;
  /** Length of the text, in UTF-16 units. */
  readonly length: number;

  constructor(offset: number, length: number) {
    super(`not JSON from character ${offset} of ${length}`);
    this.offset = offset;
    this.length = length;
  }
}

/** A text is JSON of more values, or of more levels, than the memory of a small machine holds. The message quotes nothing. */
export class JsonLimitError extends Error {
  override readonly name = 'JsonLimitError';
}
