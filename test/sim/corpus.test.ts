import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';

/** A scenario that was shrunk, or written to show one bug. */
interface CorpusFile {
  /** The bug, in plain words. */
  readonly bug: string;
  /** `violates` while the bug is open; changed to `holds` with its fix. */
  readonly expect: 'holds' | 'violates';
  readonly invariant: string;
  readonly what: string;
  /** Orders of events to try, where it takes a certain one. @default 1 */
  readonly seeds?: number;
  readonly scenario: Scenario;
}

const FOLDER = new URL('./corpus/', import.meta.url);
const FILES = readdirSync(FOLDER).map((name): [string, CorpusFile] => [
  name.replace('.json', ''),
  JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')),
]);

describe('the corpus of scenarios', () => {
  test.each(FILES)('%s', async (_name, { expect: expected, invariant, what, seeds = 1, scenario, bug }) => {
    const seen = new Set<string>();
    for (let seed = scenario.seed; seed < scenario.seed + seeds; seed += 1) {
      const { violations } = await simulate({ ...scenario, seed });
      for (const violation of violations) seen.add(`${violation.invariant} ${violation.what}`);
      if (expected === 'violates' && seen.has(`${invariant} ${what}`)) break;
    }
    if (expected === 'holds') expect([...seen], `${bug}: expected no violation`).toEqual([]);
    else expect([...seen], `${bug}: fixed? then change "expect" to "holds"`).toContain(`${invariant} ${what}`);
  });
});
