/** A text is not JSON. The message says where, and quotes nothing: it may be health data. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  /** Where the text stops being JSON, in UTF-16 units. */
  readonly offset: number;
  readonly length: number;

  constructor(offset: number, length: number) {
    super(`not JSON from character ${offset} of ${length}`);
    this.offset = offset;
    this.length = length;
  }
}
