import { type CallhouseError, ContractError, SourceUnavailableError } from '../../errors.ts';

/** With this many failed partitions the vendor itself is in trouble, and a read stops. */
const MOST_FAILURES = 3;

/** Lets a read continue when single partitions fail. */
export interface FailureBudget {
  /** Notes a failed partition. @returns true if the other partitions should still be read */
  spend(failure: CallhouseError): boolean;
  /** The failure to report: the one that stopped the read, else the first. */
  readonly failure: () => CallhouseError | undefined;
}

/** A budget of two failed partitions per read. A failure that does not concern one partition alone stops the read at once. */
export function failureBudget(): FailureBudget {
  const failures: CallhouseError[] = [];
  let fatal: CallhouseError | undefined;
  return {
    spend(failure) {
      failures.push(failure);
      const mayBeLocal = failure instanceof SourceUnavailableError || failure instanceof ContractError;
      if (!mayBeLocal) fatal = failure;
      return mayBeLocal && failures.length < MOST_FAILURES;
    },
    failure: () => fatal ?? failures[0],
  };
}
