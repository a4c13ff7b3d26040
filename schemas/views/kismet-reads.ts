import { quoteList, quoteName, quoteText } from '../derive/sql-text.ts';
import { HIDDEN } from '../safe-text.ts';
import type { ViewSettings } from './view-settings.ts';

/** The audit log of Kismet's calls `l`, and the loads `h` with users whose ids `callhouse` does not show. */
export function auditLogs(safe: string): string {
  const ofUsers = `table_name = 'kismet_call_audit_logs' AND column_name = 'user_id' AND reason LIKE ${quoteText(`${HIDDEN}%`)}`;
  return [
    `${safe}."kismet_call_audit_logs" l`,
    `LEFT JOIN (SELECT DISTINCT load_id FROM ${safe}.${quoteName('rejects')} WHERE ${ofUsers}) h ON h.load_id = l._load_id`,
  ].join('\n');
}

/**
 * Test for the reads of {@link auditLogs}: those of users, without Callhouse's own. A read without a user is no user's, unless its load
 * has users that are not shown: then it may be one of theirs.
 */
export function isRead({ ownUserIds = [] }: ViewSettings): string {
  const isOther = ownUserIds.length > 0 ? ` AND l.user_id NOT IN ${quoteList(ownUserIds)}` : '';
  const isOfUser = `(l.user_id IS NOT NULL${isOther}) OR (l.user_id IS NULL AND h.load_id IS NOT NULL)`;
  return `lower(l.event) = 'read' AND (${isOfUser})`;
}
