import type { ErrorContext } from '../ports.ts';

/** HTTP headers that carry the credentials. */
export type AuthHeaders = Readonly<Record<string, string>>;

/** Gives requests the headers that carry the credentials. */
export interface Authorization {
  /** Headers for the next request: the same object until they are renewed. */
  headers(context: ErrorContext): Promise<AuthHeaders>;
  /** Notes that the vendor accepted them. */
  accepted(used: AuthHeaders): void;
  /** @returns true if the request should be repeated, because other headers than the refused ones will be there */
  renew(refused: AuthHeaders): boolean;
}
