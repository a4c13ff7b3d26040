/** Text of a result whose rows come in batches. */
export interface RowFormat {
  /** Text that can be written before further rows are known. */
  add(rows: readonly (readonly unknown[])[]): string;
  /** The rest. */
  end(): string;
}
