import type { Mutant as StrykerMutant } from '@stryker-mutator/api/core';

/** One change of one place of the source. */
export interface Mutant {
  /** File, place, mutator and replacement: the same in each run and process, as long as the file does not change. */
  readonly key: string;
  /** Relative to the root, with `/`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly mutator: string;
  /** The text that it replaces. */
  readonly code: string;
  readonly replacement: string;
  /** Its place, as Stryker's instrumenter takes it: lines and columns from 0. */
  readonly location: StrykerMutant['location'];
  /** The text before and after it, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Why a comment disables it; absent if none does. */
  readonly disabled?: string;
}

/** What became of a mutant. `Killed` and `Timeout` are detected. */
export type Status = 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError';

/** What counts as detected. */
export const DETECTED: readonly Status[] = ['Killed', 'Timeout'];

/** A mutant and what became of it. */
export interface Tested {
  readonly mutant: Mutant;
  readonly status: Status;
}

/** Names a mutant. */
export function keyOf(
  { location, mutatorName, replacement }: Pick<StrykerMutant, 'location' | 'mutatorName' | 'replacement'>,
  file: string,
): string {
  const [from, to] = [location.start, location.end].map(({ line, column }) => `${line}:${column}`);
  return `${file}:${from}-${to}:${mutatorName}:${replacement}`;
}

/** Reads Stryker's mutant, whose lines and columns count from 0. */
export function fromStryker(mutant: StrykerMutant, file: string, text: string): Mutant {
  const { start, end } = mutant.location;
  const lines = lineStarts(text);
  const offset = ({ line, column }: typeof start) => (lines[line] ?? 0) + column;
  const [from, to] = [offset(start), offset(end)];
  return {
    key: keyOf(mutant, file),
    file,
    line: start.line + 1,
    column: start.column + 1,
    mutator: mutant.mutatorName,
    code: text.slice(from, to),
    replacement: mutant.replacement,
    location: mutant.location,
    start: from,
    end: to,
    ...(mutant.status === 'Ignored' && { disabled: mutant.statusReason ?? '' }),
  };
}

/** The source text with the mutant in it. */
export function applyMutant(text: string, { start, end, replacement }: Mutant): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Groups values that belong to files, in order. */
export function byFile<T>(values: readonly T[], fileOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(fileOf(value));
    if (group) group.push(value);
    else groups.set(fileOf(value), [value]);
  }
  return groups;
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
