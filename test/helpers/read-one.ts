import { readPartition } from '../../functions/extract/pages/pages.ts';
import type { PartitionOutcome } from '../../functions/extract/pages/read-guide.ts';
import type { PlannedRead } from '../../functions/extract/plan/plan.ts';
import type { ReadStrategy } from '../../functions/extract/reads/read.ts';
import type { DigestEntry } from '../../functions/lake/digest/digest-entry.ts';
import type { StreamState } from '../../functions/lake/stream-state.ts';
import { type Page, type Partition, WHOLE_STREAM } from '../../functions/source/page.ts';
import { type UnitOptions, unitRead, unitRecord, unitSession } from './session.ts';

/** Records with these ids. */
export const records = (...ids: string[]) => ids.map((id) => unitRecord(id));
/** An answer with these ids. */
export const answer = (ids: readonly string[], more: Partial<Page> = {}): Page => ({
  records: records(...ids),
  ...more,
});
/** The digest entry of a known record. */
export const entry = (more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash: 'h',
  partOn: 1,
  firstSeenAt: 1,
  ...more,
});

/** Options of the partition; each has a default. */
export interface ReadOneOptions extends UnitOptions {
  readonly plan?: Partial<PlannedRead>;
  readonly strategy?: Partial<ReadStrategy>;
  readonly known?: readonly string[];
  readonly partition?: Partition;
  /** State of the stream before the read. */
  readonly state?: Partial<StreamState>;
}

/** Reads one partition to its end. */
export async function readOne(script: readonly unknown[] | UnitOptions['answer'], options: ReadOneOptions = {}) {
  const { plan, strategy, known = [], partition = WHOLE_STREAM, state = {}, ...unit } = options;
  let next = 0;
  const scripted = typeof script === 'function' ? script : () => script?.[next++] ?? answer([]);
  const { session, client, ports } = await unitSession({ ...unit, answer: scripted });
  session.progress.updateState(state);
  for (const key of known) session.digest.set(key, entry());
  const pages = readPartition(session, unitRead(session, plan, strategy), partition);
  const shown: (readonly (string | undefined)[])[] = [];
  let outcome: PartitionOutcome | undefined;
  for (;;) {
    const result = await pages.next();
    if (result.done) {
      outcome = result.value;
      break;
    }
    shown.push(result.value.keys);
  }
  if (!outcome) throw new Error('no outcome');
  return { session, ports, shown, outcome, asked: client.asked, result: session.progress.result('ok') };
}
