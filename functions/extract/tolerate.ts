import { ContractError, SourceUnavailableError } from '../errors.ts';

/** So many failing lists are passed over; more say that the vendor itself is in trouble. */
const MOST_FAILURES = 3;

/** Lets the other lists of a pass be read when one fails, and fails the pass at its end all the same. */
export function toleratingFailures() {
  const failures: unknown[] = [];
  return {
    failed: () => failures.length,
    /** @returns undefined where `work` failed in a way that may concern this list alone */
    async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof SourceUnavailableError || error instanceof ContractError)) throw error;
        failures.push(error);
        if (failures.length >= MOST_FAILURES) throw failures[0];
        return undefined;
      }
    },
    rethrow(): void {
      if (failures.length > 0) throw failures[0];
    },
  };
}

const AT_ONCE = 4;

/** Runs `work` on each item, a few at once, passing over a few failures; the first one is thrown when the others are through. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const tolerant = toleratingFailures();
  const waiting = items[Symbol.iterator]();
  let stopped: unknown;
  const worker = async () => {
    for (const item of waiting) {
      if (stopped !== undefined) return;
      await tolerant
        .attempt(() => work(item))
        .catch((error: unknown) => {
          stopped ??= error;
        });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (stopped !== undefined) throw stopped;
  tolerant.rethrow();
}
