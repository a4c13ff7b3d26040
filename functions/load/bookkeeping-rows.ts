import type { BookkeepingRow } from '../../schemas/derive/insert.ts';
import type { Commit } from '../lake/commit.ts';

/**
 * The commit's row of table `loads`.
 * @param scannedBytes bytes that the statements scanned which loaded it; undefined if the engine does not say
 */
export function loadsRow(commit: Commit, scannedBytes?: number): BookkeepingRow {
  const { counts } = commit;
  return {
    ...runOf(commit),
    status: commit.status,
    window_from: commit.windowFrom,
    window_to: commit.windowTo,
    requests: counts.requests,
    records: counts.records,
    vendor_total: counts.vendorTotal,
    changed: counts.changed,
    unchanged: counts.unchanged,
    deleted: counts.deleted,
    rejected: counts.rejected,
    started_at: commit.startedAt,
    ended_at: commit.endedAt,
    scanned_bytes: scannedBytes ?? null,
    is_backfill: commit.backfill ?? false,
  };
}

/** The commit's rows of table `rejects`: one per table, column and reason. */
export function rejectRows(commit: Commit): readonly BookkeepingRow[] {
  const rows = new Map<string, BookkeepingRow & { readonly count: number }>();
  for (const { table, column, reason, count } of commit.rejects) {
    const key = JSON.stringify([table, column, reason]);
    const counted = count + (rows.get(key)?.count ?? 0);
    rows.set(key, { ...runOf(commit), table_name: table, column_name: column, reason, count: counted });
  }
  return [...rows.values()];
}

function runOf({ loadId, source, account, stream }: Commit) {
  return { load_id: loadId, source, account, stream };
}
