import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { warnIfEmpty } from './empty-window.ts';
import { newRead, type Read } from './read.ts';

/** Reads every partition from its first page to its end, in a stretch of time that the vendor filters by. */
export function readWindow(session: StreamSession, plan: PlannedRead): Read {
  const { progress } = session;
  const isScheduled = !plan.backfill && !plan.isOfNewLists;
  let { since = session.at } = progress.state().resume ?? {};
  const continueAt = (partition: string, page: number, token?: string) => {
    if (!isScheduled) return;
    progress.updateState({
      resume: {
        kind: 'window',
        partition,
        page,
        since,
        ...(plan.until === undefined ? {} : { from: plan.until }),
        ...(token === undefined ? {} : { token }),
      },
    });
  };
  return newRead(session, plan, {
    requesting({ partition, page, next }, scan) {
      // A list with tokens continues at the last page that was taken, because its token is known.
      if (next === undefined) continueAt(partition.id, scan.resumeAfter(page - 1));
    },
    advance({ number, scan, token, partition }) {
      // Records below this page may have arrived after an earlier run was cut.
      since = session.at;
      continueAt(partition.id, scan.resumeAfter(number), token);
    },
    partitionDone(outcome) {
      const { partition, scan, failure } = outcome;
      const { readLists } = progress.state();
      if (plan.window && outcome.keys.size === 0) warnIfEmpty(session, plan.window, outcome);
      if (plan.isOfNewLists && scan && !failure)
        progress.updateState({ readLists: [...(readLists ?? []), partition.id] });
    },
    conclude(failed) {
      // After a failed window, the next run reads back as far.
      if (isScheduled && !failed) progress.updateState({ resume: undefined });
    },
  });
}
