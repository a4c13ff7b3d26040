import { DAY_MS } from '../../functions/time.ts';
import type { ExpectedRow } from './oracle/expected-row.ts';

/** Someone may have read an old call a moment ago: its log is due within seven days. */
export function isAwaitingRotation(now: Date) {
  const since = new Date(now.getTime() - 8 * DAY_MS).toISOString();
  return (table: string, { safe }: ExpectedRow): boolean =>
    table.startsWith('kismet_call_audit_') && (safe['created_at'] ?? '') > since;
}
