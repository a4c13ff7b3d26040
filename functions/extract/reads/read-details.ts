import { type CallhouseError, ContractError, CredentialsError, SourceUnavailableError } from '../../errors.ts';
import type { StreamId } from '../../lake/objects.ts';
import type { PlannedRead } from '../plan/plan.ts';
import type { StreamSession } from '../session/session.ts';
import { type FailureBudget, MOST_REFUSED, newRead, type Read } from './read.ts';

/** If the details of so many records in a row are missing or not as declared, something is wrong with all of them. */
const MOST_UNREADABLE = 25;
/** If the vendor fails to serve so many in a row, it is in trouble. */
const MOST_UNAVAILABLE = 3;

/** Reads the details of each record, one request per record. One that cannot be read does not keep the others waiting. */
export function readDetails(session: StreamSession, plan: PlannedRead): Read {
  const { digest, stream, siblings, progress, at } = session;
  const { postponed = 0 } = plan;
  const parents = siblings.recordsOf(stream.kind === 'details' ? stream.parent : '');
  if (postponed > 0) session.warnOnce(`the details of ${postponed} records could not be read, and are requested later`);
  return newRead(session, plan, {
    isConcurrent: true,
    budget: detailsBudget(session.id),
    partitionDone({ partition: { id }, failure }) {
      const known = digest.cursors.get(id);
      const parentHash = parents.get(id)?.contentHash;
      const isSame = known?.parentHash === parentHash;
      // A run ahead of the clock may have noted a later time.
      const failedSince = Math.min((isSame ? known?.failedSince : undefined) ?? at, at);
      const failed = { failedSince, failedAt: at };
      digest.setCursor(id, {
        readAt: failure ? (known?.readAt ?? at) : at,
        ...(parentHash === undefined ? {} : { parentHash }),
        ...(failure && failed),
      });
      session.follower?.noteRead(id, parents.get(id));
    },
    conclude() {
      if (!plan.backfill) progress.updateState({ ranAt: at });
    },
  });
}

/** A budget that lets single records fail. It stops the read after many failures in a row, or one that concerns all records. */
export function detailsBudget(id: StreamId): FailureBudget {
  const unread: CallhouseError[] = [];
  const none = { unreadable: 0, unavailable: 0, refused: 0 };
  let inRow = none;
  let fatal: CallhouseError | undefined;
  return {
    spend(failure) {
      const kind = kindOf(failure);
      if (kind) inRow = { ...inRow, [kind]: inRow[kind] + 1 };
      if (!kind || inRow.refused >= MOST_REFUSED) {
        fatal = failure;
        return false;
      }
      unread.push(failure);
      return inRow.unreadable < MOST_UNREADABLE && inRow.unavailable < MOST_UNAVAILABLE;
    },
    pass() {
      inRow = none;
    },
    failure: () => fatal ?? (unread.length > 0 ? unreadDetails(unread, id) : undefined),
  };
}

/** What a failure says about the details of one record; undefined if it concerns all of them. */
function kindOf(failure: CallhouseError): 'unreadable' | 'unavailable' | 'refused' | undefined {
  if (failure instanceof ContractError) return 'unreadable';
  if (failure instanceof CredentialsError) return 'refused';
  return failure instanceof SourceUnavailableError ? 'unavailable' : undefined;
}

/** An answer that is wrong, or a record that is refused, counts more than one that is missing. */
function unreadDetails(unread: readonly CallhouseError[], id: StreamId): CallhouseError {
  const wrong = unread.find((failure) => kindOf(failure) !== 'unavailable');
  const worst = wrong ?? unread[0];
  const message =
    `the details of ${unread.length} records could not be read (${worst?.reason}); what was read is stored, and the next run ` +
    'requests them again, then later runs less and less often, at least daily';
  return wrong ? new ContractError(message, id) : new SourceUnavailableError(message, id);
}
