import type { Databases } from '../derive/databases.ts';
import { normalised, quoteName } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { auditLogs, isRead } from './kismet-reads.ts';
import { reconciliationView } from './kismet-reconciliation.ts';
import { kismetSessionsView } from './kismet-sessions.ts';
import { boolean, text, timestamp, type View } from './view.ts';
import type { ViewSettings } from './view-settings.ts';

/** Views over Kismet's tables. A view is left out if a table that it reads is missing. */
export function kismetViews(tables: readonly Table[], settings: ViewSettings, databases: Databases): readonly View[] {
  const has = (...names: string[]) => names.every((name) => tables.some((table) => table.name === name));
  const hasAccess = has('kismet_call_audit_logs', 'kismet_calls', 'kismet_organization_users');
  const hasChanges = has('kismet_call_audit_logs', 'kismet_call_audit_changes');
  return [
    ...(hasAccess ? [accessLogView(settings, databases)] : []),
    ...(hasChanges ? [changesView(databases)] : []),
    ...(hasAccess && hasChanges && has('kismet_call_participants') ? [kismetSessionsView(settings, databases)] : []),
    ...(has('kismet_daily_call_metrics', 'kismet_calls') ? [reconciliationView(databases)] : []),
  ];
}

function accessLogView(settings: ViewSettings, databases: Databases): View {
  const safe = quoteName(databases.safe);
  const provider = 'CAST(COALESCE(c.organization_user_id, l.organization_user_id) AS varchar)';
  return {
    name: 'call_access_log',
    key: ['account', 'audit_log_id'],
    references: { kismet_sessions: 'account, call_id' },
    doc:
      "One row per read of a Kismet call: who read which call. Reads without a user and Callhouse's own reads are left out. A call's log is " +
      'read when the call is new or has changed, when it is 15 minutes, 1 hour, 6 hours, 1, 7 and 14 days old, and every 30 days after that: ' +
      'a later read of the call appears here within 31 days, so the counts of the last month can still grow. Callhouse requests no details of ' +
      'calls, which the vendor would log as reads; its own reads are those of the users that the setting ownUserIds names.',
    columns: {
      account: text('Account of the source.', 'l.account'),
      audit_log_id: text('Entry of the audit log.', 'CAST(l.id AS varchar)'),
      read_at: timestamp('When the call was read.', 'l.created_at'),
      call_id: text('Call that was read.', 'CAST(l.call_id AS varchar)'),
      call_started_at: timestamp('When the call was created; null if the call no longer exists.', 'c.created_at'),
      call_status: text('State of the call, in lower case with underscores.', normalised('c.state')),
      provider_id: text('Clinician of the call.', provider),
      reader_id: text(
        'User who read the call; null if callhouse does not show the id, because it has not the form of one. Some of these reads may be without a user.',
        'l.user_id',
      ),
      reader_name: text(
        'Name of that user, kept after the user is removed; null if the id was never in the list of clinicians that Callhouse reads, for example staff, a user of the API, or a user who was removed before the first read.',
        'u.display_name',
      ),
      reader_is_admin: boolean(
        'True if the list of clinicians says that the user is an administrator; null if the id was never in it, which does not say that the user is none.',
        'u.is_admin',
      ),
      reader_is_provider: boolean('True if the user is the clinician of the call.', `${provider} = l.user_id`),
    },
    from: [
      `FROM ${auditLogs(safe)}`,
      `LEFT JOIN ${safe}."kismet_calls" c`,
      '  ON c.account = l.account AND c.id = l.call_id AND c._deleted_at IS NULL',
      `LEFT JOIN ${safe}."kismet_organization_users" u`,
      '  ON u.account = l.account AND CAST(u.id AS varchar) = l.user_id',
      `WHERE l._deleted_at IS NULL AND ${isRead(settings)}`,
    ].join('\n'),
  };
}

function changesView(databases: Databases): View {
  const safe = quoteName(databases.safe);
  return {
    name: 'call_changes',
    key: ['account', 'audit_log_id', 'field'],
    references: { kismet_sessions: 'account, call_id' },
    doc: `One row per changed field of a Kismet call: who changed it. The values are in ${databases.phi}.kismet_call_audit_changes.`,
    columns: {
      account: text('Account of the source.', 'f.account'),
      audit_log_id: text('Entry of the audit log.', 'CAST(f.audit_log_id AS varchar)'),
      changed_at: timestamp('When the field was changed.', 'COALESCE(l.created_at, f.created_at)'),
      call_id: text('Call that was changed.', 'CAST(COALESCE(l.call_id, f.call_id) AS varchar)'),
      provider_id: text('Clinician of the call.', 'CAST(l.organization_user_id AS varchar)'),
      event: text("create or update: the vendor's event in lower case.", 'lower(l.event)'),
      user_id: text(
        'User who changed the field; null if no user did, or if callhouse does not show the id.',
        'l.user_id',
      ),
      field: text('Field that was changed.', 'f.field'),
    },
    from: [
      `FROM ${safe}."kismet_call_audit_changes" f`,
      `LEFT JOIN ${safe}."kismet_call_audit_logs" l`,
      '  ON l.account = f.account AND l.id = f.audit_log_id AND l._deleted_at IS NULL',
      'WHERE f._deleted_at IS NULL',
    ].join('\n'),
  };
}
