import { DAY_MS } from '../../functions/time.ts';
import type { ExpectedRow } from './oracle/expected-row.ts';

/** Audit logs of old calls are read only once in 30 days, so a recent entry may still be missing. */
export function isAwaitingRotation(now: Date) {
  const since = new Date(now.getTime() - 32 * DAY_MS).toISOString();
  return (table: string, { safe }: ExpectedRow): boolean =>
    table.startsWith('kismet_call_audit_') && (safe['created_at'] ?? '') > since;
}
