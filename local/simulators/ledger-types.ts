import type { Vendor } from './vendor.ts';

/** The lists a record is found in. */
export type SimStream = 'organization_users' | 'calls' | 'call_audit_logs' | 'daily_call_metrics';

/** What happens in the world; each is one entry of `ledger.events`. */
export type WorldEventKind =
  | 'arrival'
  | 'start'
  | 'end'
  | 'analysis'
  | 'cost'
  | 'recording'
  | 'edit'
  | 'late-edit'
  | 'opt-out'
  | 'call-id-assigned'
  | 'removal'
  | 'reappearance'
  | 'participant-added'
  | 'participant-removed'
  | 'participant-renamed'
  | 'audit-read'
  | 'audit-read-old'
  | 'restatement'
  | 'user-added'
  | 'user-changed'
  | 'user-removed';

/** One thing that happened. `late-edit`: over a day after the call; `audit-read-old`: over a week after it. */
export interface WorldEvent {
  readonly at: number;
  readonly vendor: Vendor;
  readonly kind: WorldEventKind;
  readonly id: string;
}

/** One state of a record as the vendor serves it. Times are world ms. */
export interface LedgerVersion {
  readonly from: number;
  /** Until when it could be served; null while it still can. */
  readonly to: number | null;
  /** JSON text of the record, exact digits; signed URLs carry a placeholder in their query string. */
  readonly text: string;
  readonly firstServedAt: number | null;
  readonly lastServedAt: number | null;
}

/** A record and every version of it that could be served since the world's clock started. */
export interface LedgerEntry {
  readonly vendor: Vendor;
  readonly stream: SimStream;
  /** Vendor's id; for daily metrics `scope|scope_id|date`. */
  readonly id: string;
  /** Kismet: the users that list a call, or the call of an audit entry; else empty. */
  readonly parents: readonly string[];
  /** Kalem: the direction list that shows the call; null in neither. Undefined for the other vendors. */
  readonly direction?: 'inbound' | 'outbound' | null | undefined;
  /** Kalem: the direction lists that have shown it so far. */
  readonly servedIn: ReadonlySet<string>;
  readonly versions: readonly LedgerVersion[];
  /** When it was removed last; null while it can be served. */
  readonly removedAt: number | null;
  /** `user`: out of reach because its Kismet user is gone; the record itself was not removed. */
  readonly removedBy: 'vendor' | 'user' | null;
}

/** The field that holds a canary. `optedOut`: the field must not be stored anywhere. */
export interface CanaryPlace {
  readonly canary: string;
  readonly vendor: Vendor;
  readonly stream: SimStream;
  readonly id: string;
  readonly field: string;
  readonly optedOut: boolean;
}

/** The truth about the world. */
export interface Ledger {
  entries(vendor: Vendor, stream: SimStream): ReadonlyMap<string, LedgerEntry>;
  /** What happened since the world's clock started; the history before is not listed. */
  readonly events: readonly WorldEvent[];
  readonly canaries: readonly CanaryPlace[];
}
