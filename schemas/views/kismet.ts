import type { Databases } from '../derive/databases.ts';
import { quoteList, quoteName } from '../derive/sql-text.ts';
import type { Table } from '../table.ts';
import { reconciliationView } from './kismet-reconciliation.ts';
import { boolean, text, timestamp, type View, type ViewSettings } from './view.ts';

/** Views over Kismet's tables. A view is left out if a table that it reads is missing. */
export function kismetViews(tables: readonly Table[], settings: ViewSettings, databases: Databases): readonly View[] {
  const has = (...names: string[]) => names.every((name) => tables.some((table) => table.name === name));
  return [
    ...(has('kismet_call_audit_logs', 'kismet_calls', 'kismet_organization_users')
      ? [accessLogView(settings, databases)]
      : []),
    ...(has('kismet_call_audit_logs', 'kismet_call_audit_changes') ? [changesView(databases)] : []),
    ...(has('kismet_daily_call_metrics', 'kismet_calls') ? [reconciliationView(databases)] : []),
  ];
}

function accessLogView({ ownUserIds = [] }: ViewSettings, databases: Databases): View {
  const safe = quoteName(databases.safe);
  return {
    name: 'call_access_log',
    doc:
      "One row per read of a Kismet call: who read which call. Reads without a user and Callhouse's own reads are left out. A call's log is " +
      'read when the call is new or has changed, when it is 15 minutes, 1 hour, 6 hours, 1, 7 and 14 days old, and every 30 days after that: ' +
      'a later read of the call appears here within 31 days.',
    columns: {
      account: text('Account of the source.'),
      audit_log_id: text('Entry of the audit log.'),
      read_at: timestamp('When the call was read.'),
      call_id: text('Call that was read.'),
      call_started_at: timestamp('When the call was created; null if the call no longer exists.'),
      call_status: text('State of the call, in lower case with underscores.'),
      provider_id: text('Clinician of the call.'),
      reader_id: text('User who read the call.'),
      reader_name: text('Name of that user; null if the user is not a clinician of the organization.'),
      reader_is_admin: boolean('True if the user is an administrator of the organization.'),
      reader_is_provider: boolean('True if the user is the clinician of the call.'),
    },
    body: [
      'SELECT',
      [
        '  l.account AS account',
        '  CAST(l.id AS varchar) AS audit_log_id',
        '  l.created_at AS read_at',
        '  CAST(l.call_id AS varchar) AS call_id',
        '  c.created_at AS call_started_at',
        "  replace(replace(lower(c.state), '-', '_'), ' ', '_') AS call_status",
        '  CAST(COALESCE(c.organization_user_id, l.organization_user_id) AS varchar) AS provider_id',
        '  l.user_id AS reader_id',
        '  u.display_name AS reader_name',
        '  u.is_admin AS reader_is_admin',
        '  CAST(COALESCE(c.organization_user_id, l.organization_user_id) AS varchar) = l.user_id AS reader_is_provider',
      ].join(',\n'),
      `FROM ${safe}."kismet_call_audit_logs" l`,
      `LEFT JOIN ${safe}."kismet_calls" c`,
      '  ON c.account = l.account AND c.id = l.call_id AND c._deleted_at IS NULL',
      `LEFT JOIN ${safe}."kismet_organization_users" u`,
      '  ON u.account = l.account AND CAST(u.id AS varchar) = l.user_id AND u._deleted_at IS NULL',
      "WHERE l._deleted_at IS NULL AND lower(l.event) = 'read' AND l.user_id IS NOT NULL",
      ...(ownUserIds.length > 0 ? [`  AND l.user_id NOT IN ${quoteList(ownUserIds)}`] : []),
    ].join('\n'),
  };
}

function changesView(databases: Databases): View {
  const safe = quoteName(databases.safe);
  return {
    name: 'call_changes',
    doc: `One row per changed field of a Kismet call: who changed it. The values are in ${databases.phi}.kismet_call_audit_changes.`,
    columns: {
      account: text('Account of the source.'),
      audit_log_id: text('Entry of the audit log.'),
      changed_at: timestamp('When the field was changed.'),
      call_id: text('Call that was changed.'),
      provider_id: text('Clinician of the call.'),
      event: text("create or update: the vendor's event in lower case."),
      user_id: text('User who changed the field; null if no user did.'),
      field: text('Field that was changed.'),
    },
    body: [
      'SELECT',
      [
        '  f.account AS account',
        '  CAST(f.audit_log_id AS varchar) AS audit_log_id',
        '  COALESCE(l.created_at, f.created_at) AS changed_at',
        '  CAST(COALESCE(l.call_id, f.call_id) AS varchar) AS call_id',
        '  CAST(l.organization_user_id AS varchar) AS provider_id',
        '  lower(l.event) AS event',
        '  l.user_id AS user_id',
        '  f.field AS field',
      ].join(',\n'),
      `FROM ${safe}."kismet_call_audit_changes" f`,
      `LEFT JOIN ${safe}."kismet_call_audit_logs" l`,
      '  ON l.account = f.account AND l.id = f.audit_log_id AND l._deleted_at IS NULL',
      'WHERE f._deleted_at IS NULL',
    ].join('\n'),
  };
}
