import { expect } from 'vitest';

/** Characters. The steps are small, so that quadratic work exceeds the limit before it takes minutes. */
const SIZES = [1 << 14, 1 << 17, 1 << 20];

/** Seconds of processor time. One pass over a megabyte takes milliseconds; quadratic work takes minutes. */
const FAR_TOO_LONG = 3;

/**
 * Runs `work` on inputs of growing size, and ends at the first that takes far longer than a pass over it may: so that work which
 * grows with the square fails here instead of holding up the run.
 */
export function expectLinear(work: (size: number) => unknown, largest: number = 1 << 20): void {
  for (const size of SIZES.filter((other) => other <= largest)) {
    const before = process.cpuUsage();
    work(size);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6, `seconds of work on ${size} characters`).toBeLessThan(FAR_TOO_LONG);
  }
}
