/** One thing that is wrong in a declaration. */
export interface Fault {
  /** Where: stream and field, such as `calls.path`. */
  readonly at: string;
  readonly seen: string;
  readonly expected: string;
}
