// Vitest runs a runner only for a file; runner.ts says what it does before this one.
export {};
