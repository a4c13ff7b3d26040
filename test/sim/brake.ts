import { CALLS } from './expect.ts';
import type { CommitText, Row, Tables } from './fold.ts';
import type { SourceName } from './product.ts';

/** What a run may mark removed at once; declared here again, so that a wrong constant of the product shows. */
const LEAST_ALL = 5;
const MOST_REMOVED = 25;
const MOST_SHARE = 0.1;
const VALID_MS = 7 * 24 * 3_600_000;

/** What is watched. */
interface BrakeOptions {
  readonly lake: { readonly objects: ReadonlyMap<string, Uint8Array> };
  readonly source: SourceName;
  readonly tables: Tables;
}

/** Watches that no commit marks more calls removed than the brake lets through, unless somebody confirmed exactly those lately. */
export function brakeWatch({ lake, source, tables }: BrakeOptions) {
  const { table: calls } = CALLS[source];
  let held: NonNullable<CommitText['state']>['held'];
  let removed = 0;
  const isConfirmed = (now: number): boolean => {
    if (!held || held.count !== removed) return false;
    const prefix = `confirmations/${source}/default/calls/${held.scan}-${held.count}-`;
    return [...lake.objects.keys()].some(
      (key) => key.startsWith(prefix) && now - Number.parseInt(key.slice(prefix.length), 10) <= VALID_MS,
    );
  };
  return {
    /** Removals that wait for a confirmation: the scan that found them, and how many they are. */
    held: () => held,
    row(table: string, { op }: Row, before: Row | undefined): void {
      if (table === calls && op !== 'upsert' && before?.deletedAt === null) removed += 1;
    },
    /** Judges the rows since the last commit. @param now the clock, ms */
    commit({ stream, state }: CommitText, now: number, say: (invariant: string, what: string, detail: string) => void) {
      if (stream !== 'calls') return;
      const left = [...(tables.get(calls)?.values() ?? [])].filter(({ deletedAt }) => deletedAt === null).length;
      const live = left + removed;
      const isMany = (removed >= live && live >= LEAST_ALL) || removed > Math.max(MOST_REMOVED, live * MOST_SHARE);
      if (isMany && !isConfirmed(now))
        say('I3', 'brake', `${removed} of ${live} calls are marked removed at once, and nobody confirmed that`);
      held = state?.held;
      removed = 0;
    },
  };
}
