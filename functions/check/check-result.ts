/** Result of one check. */
export interface CheckResult {
  /** What was compared, as in column `check_name` of the table `checks`. */
  readonly check: string;
  readonly source: string;
  readonly account: string;
  /** Table, view or stream that was checked. */
  readonly subject: string;
  /** `error`: a fault of Callhouse or of who changed the warehouse. `warning`: something odd that a vendor sent. */
  readonly severity: 'error' | 'warning';
  /** Number of things that should not be so; 0 if the check passed. */
  readonly found: number;
  /** What was found: counts and names, never a value. */
  readonly message: string;
}

/** The checks that found a fault of the warehouse; a vendor's oddity is none. */
export function faultsIn(results: readonly CheckResult[]): readonly CheckResult[] {
  return results.filter(({ severity, found }) => severity === 'error' && found > 0);
}
