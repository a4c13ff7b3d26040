/** One HTTP request to a vendor. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** The path template, which messages show. */
  readonly path: string;
  /** The complete address. It may hold ids, and must never be shown. */
  readonly url: string;
  readonly body?: string;
}

/** An answer: its bytes as served, and what the reader made of them. */
export interface HttpResponse<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

/** How messages name a request. */
export function requestLabel({ method, path }: HttpRequest): string {
  return `${method} ${path}`;
}
