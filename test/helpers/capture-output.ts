import { vi } from 'vitest';

/** Keeps what the process prints from now on. @returns the lines, which grow; `vi.restoreAllMocks` ends it */
export function captureOutput(): readonly string[] {
  const lines: string[] = [];
  const take = (chunk: unknown) => {
    lines.push(...String(chunk).split('\n').filter(Boolean));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(take);
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
  return lines;
}
