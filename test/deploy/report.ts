/** Something this machine lacks, so that nothing can be shown here. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
  readonly what: string;

  constructor(what: string, why: string) {
    super(why);
    this.what = what;
  }
}

/** A check failed that the rest of the run depends on. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

/** What was checked so far. */
export interface Report {
  /** Runs one check and prints its line; with `needed` a failure ends the run. What the work returns is printed behind the name. */
  check<T>(name: string, work: () => Promise<T>, options?: { readonly needed?: boolean }): Promise<T | undefined>;
  /** A line that is no check. */
  note(text: string): void;
  /** Prints the last line. @returns the exit code */
  close(): number;
}

/** One line for each check, on standard output. */
export function makeReport(): Report {
  const began = Date.now();
  let passed = 0;
  let failed = 0;
  const since = (ms: number) => `${((Date.now() - ms) / 1000).toFixed(1)} s`;
  return {
    async check(name, work, { needed = false } = {}) {
      const start = Date.now();
      try {
        const result = await work();
        passed += 1;
        const told = typeof result === 'string' ? `: ${result}` : '';
        console.log(`ok      ${name}${told} (${since(start)})`);
        return result;
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${name} (${since(start)})\n        ${describe(error)}`);
        if (needed) throw new AbandonedError(name);
        return undefined;
      }
    },
    note: (text) => console.log(`note    ${text}`),
    close() {
      console.log(`${passed} passed, ${failed} failed (${since(began)})`);
      return failed > 0 ? 1 : 0;
    },
  };
}

/** Holds a fact. @throws Error with what was seen */
export function expect(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Error(seen);
}

/** Holds that nothing is in a list of findings. */
export function expectNone(found: readonly string[]): void {
  expect(
    found.length === 0,
    [...found.slice(0, 12), ...(found.length > 12 ? [`… ${found.length} in all`] : [])].join('\n'),
  );
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(0, 4000).replaceAll('\n', '\n        ');
}
