import { readFileSync } from 'node:fs';

/** A mutant as the code in use holds it. */
export interface PlannedMutant {
  /** Its number in the instrumented code. */
  readonly id: string;
  readonly key: string;
  readonly hash: string;
  readonly file: string;
}

/** What a process that tests mutants has to know; passed as a JSON file, whose path CALLHOUSE_MUTANTS_PLAN holds. */
export interface Plan {
  readonly root: string;
  /** Gets a line for each mutant as soon as it is tested. */
  readonly journal: string;
  /** Gets a line for each test file as soon as it has run once without a mutant. Lines of other texts count for nothing. */
  readonly coverage: string;
  /** What the process does at the moment: a `Task`. */
  readonly task: string;
  /** Test files, relative to the root, with the hashes of their texts and of all that is instrumented. */
  readonly tests: readonly { readonly test: string; readonly hash: string }[];
  readonly mutants: readonly PlannedMutant[];
  /** The instrumented text by file. */
  readonly texts: Readonly<Record<string, string>>;
  /** How long the tests of one mutant may take, in milliseconds of the first run. */
  readonly patience: number;
}

/** What a process began, and by when it must be done with it. */
export interface Task {
  readonly key?: string;
  readonly test?: string;
  /** Why the process exits: all mutants are tested, or another process has to continue. */
  readonly end?: 'done' | 'again';
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** What one test file executed when it ran without a mutant. */
export interface FileCoverage {
  readonly test: string;
  readonly hash: string;
  /** Mutated files that it imports, itself or through others. */
  readonly imports: readonly string[];
  /** Mutants that modules executed while they were imported. Other test files find them imported. */
  readonly whileImporting: readonly string[];
  /** Executions by mutant in hooks, which all tests of the file depend on. */
  readonly shared: Readonly<Record<string, number>>;
  readonly tests: Readonly<Record<string, TestCoverage>>;
  /** Why mutants cannot be tested with this file: it fails without one. */
  readonly failure?: string;
  readonly milliseconds: number;
}

/** What one test executed when it ran without a mutant. */
export interface TestCoverage {
  readonly milliseconds: number;
  readonly hits: Readonly<Record<string, number>>;
}

/** Reads the plan of this process. */
export function readPlan(): Plan {
  return JSON.parse(readFileSync(process.env['CALLHOUSE_MUTANTS_PLAN'] ?? '', 'utf8')) as Plan;
}
