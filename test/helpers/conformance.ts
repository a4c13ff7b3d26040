import type { Source } from '../../functions/source/source.ts';
import { describeFinding } from '../../local/commands/check-source/check-source-command.ts';
import { type CaseResult, checkConformance } from '../../local/commands/check-source/conformance.ts';
import type { Extract } from '../../local/commands/check-source/world.ts';

/** Plays every case for each stream of a source. */
export async function resultsOf(source: Source, extract?: Extract): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for await (const result of checkConformance(source, extract)) results.push(result);
  return results;
}

/** What failed, by case. */
export function failures(results: readonly CaseResult[]): Readonly<Record<string, string>> {
  const failed = results.flatMap(({ name, outcome }) =>
    typeof outcome === 'object' && 'seen' in outcome ? [[name, describeFinding(outcome)]] : [],
  );
  return Object.fromEntries(failed);
}
