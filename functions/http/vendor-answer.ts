/** A request to a vendor, but for its address. */
export interface VendorRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, or the answer, at once. */
  readonly signal: AbortSignal;
}

/** An answer of which the head has come. That of `fetch` is one. */
export interface VendorAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Not compressed. Who stops reading it closes the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Headers of an answer, by their names in lower case. Those of `fetch` are some; the first of these costs 8 to 17 MB. */
export interface AnswerHeaders {
  get(name: string): string | null;
  has(name: string): boolean;
  keys(): Iterable<string>;
}
