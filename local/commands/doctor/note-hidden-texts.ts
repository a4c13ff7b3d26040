import { readLastCommit, readState } from '../../../functions/lake/commit-log.ts';
import type { Store } from '../../../functions/ports.ts';
import type { Source } from '../../../functions/source/source.ts';
import { describeHidden, nameOf } from '../run/describe-run.ts';
import { streamsIn } from './read-streams.ts';

/** Says of which columns `callhouse` does not show every text, in all accounts of the lake; '' if it shows all. */
export async function describeHiddenTexts(store: Store, sources: readonly Source[]): Promise<string> {
  const lines: string[] = [];
  for await (const id of streamsIn(store)) {
    const { hidden } = readState(await readLastCommit(store, id), id);
    const where = id.account === 'default' ? '' : ` (${nameOf(id.source, id.account)})`;
    lines.push(...describeHidden(hidden, sources).map((line) => `${line}${where}`));
  }
  return lines.join('; ');
}
