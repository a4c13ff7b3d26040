import type { Json, JsonObject } from './json-text.ts';
import type { SimRecord } from './ledger.ts';
import type { Random } from './random.ts';
import type { Sortable } from './sorted-list.ts';
import type { World } from './world.ts';

/** A clinician of the organization. */
export interface KismetUser {
  readonly id: number;
  readonly record: SimRecord;
  readonly fields: JsonObject;
  /** Calls listed under this user, ascending by creation. */
  readonly calls: KismetCall[];
  readonly callsById: Map<number, KismetCall>;
  isGone: boolean;
}

/** Someone in a call; `id` may be beyond what a double holds. */
export interface KismetParticipant {
  readonly id: number | bigint;
  readonly participant_type: string;
  name: string | null;
}

/** What the daily figures know about a call and the call itself does not show. */
interface CallMeasure {
  durationSeconds: number | null;
  waitSeconds: number | null;
  hasFailed: boolean;
}

/** A call as Kismet holds it. */
export interface KismetCall extends Sortable {
  readonly id: number;
  readonly record: SimRecord;
  readonly random: Random;
  readonly fields: JsonObject;
  readonly participants: KismetParticipant[];
  readonly owner: KismetUser;
  readonly createdMs: number;
  readonly measure: CallMeasure;
  /** Audit entries, oldest first. */
  readonly audit: AuditEntry[];
}

/** One entry of a call's audit log. */
export interface AuditEntry {
  readonly record: SimRecord;
  readonly event: 'create' | 'update' | 'read';
  readonly atMs: number;
  readonly fields: Record<string, Json>;
}

/** One day's figures of the organization or of a user. */
export interface MetricDay {
  readonly record: SimRecord;
  readonly calls: KismetCall[];
}

/** Kismet's side of the world. */
export interface KismetWorld {
  readonly world: World;
  readonly users: KismetUser[];
  readonly calls: KismetCall[];
  /** Figures by scope (`organization` or a user's id), then by day. */
  readonly metrics: Map<string, Map<string, MetricDay>>;
  nextAuditId: number;
  arrive(label: string, user?: KismetUser): void;
}
