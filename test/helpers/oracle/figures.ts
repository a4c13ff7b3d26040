import type { Canonical } from './canonical.ts';
import type { ExpectedRow, ExpectedTable } from './expected-row.ts';

/** A call as a clinic counts it, told from the vendors' records alone. Undefined means that the vendor does not say. */
export interface CountedCall {
  readonly source: string;
  readonly id: string;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly direction: string | undefined;
  readonly isAnswered: boolean | undefined;
  readonly waitSeconds: number | undefined;
  readonly seconds: number | undefined;
  /** Millionths of a currency. */
  readonly cost: bigint | undefined;
  readonly sessions: number | undefined;
  readonly needsFollowUp: boolean;
  readonly category: string | undefined;
  /** Hash of the number of who called us; undefined if that is no telephone number. */
  readonly caller?: string | undefined;
}

type Values = Readonly<Record<string, Canonical>>;

/** Every call of the four vendors that a list showed. */
export function countedCalls(tables: ReadonlyMap<string, ExpectedTable>): readonly CountedCall[] {
  const rows = (name: string) => [...(tables.get(name)?.values() ?? [])];
  return [
    ...rows('kalem_calls').map((row) => ({ ...kalem(row.safe), caller: callerOf(row, 'from_number') })),
    ...rows('kismet_calls').map(({ safe }) => kismet(safe)),
    ...rows('solum_calls').map((row) => ({ ...solum(row.safe), caller: callerOf(row, 'customer_number') })),
    ...rows('zudu_calls').map((row) => ({ ...zudu(row.safe), caller: callerOf(row, 'from_number') })),
  ];
}

/** Who opted out of storage has no number, but its hash. */
function callerOf({ phi, safe }: ExpectedRow, column: string): string | undefined {
  return /[a-z]/i.test(phi[column] ?? '') ? undefined : (safe[`${column}_hash`] ?? undefined);
}

const NOTHING = {
  ...{ endMs: undefined, direction: undefined, isAnswered: undefined, waitSeconds: undefined, seconds: undefined },
  ...{ cost: undefined, sessions: undefined, needsFollowUp: false, category: undefined },
};

function kalem(row: Values): CountedCall {
  const [startMs, answerMs] = [row['started_at'], row['answered_at']].map(msOf);
  const lost = ['no_answer', 'busy', 'failed', 'cancelled'].includes(row['status'] ?? '');
  return {
    ...NOTHING,
    ...{ source: 'kalem', id: row['call_id'] ?? '', startMs, endMs: msOf(row['ended_at']) },
    direction: row['direction'] ?? undefined,
    isAnswered: answerMs !== undefined ? true : lost ? false : undefined,
    waitSeconds: startMs === undefined || answerMs === undefined ? undefined : (answerMs - startMs) / 1000,
    seconds: upTo(86_400, row['duration_seconds']),
    cost: microsOf(row['cost']),
  };
}

function kismet(row: Values): CountedCall {
  return { ...NOTHING, source: 'kismet', id: row['id'] ?? '', startMs: msOf(row['created_at']) };
}

function solum(row: Values): CountedCall {
  const [way] = /^(in|out)bound/.exec(row['type'] ?? '') ?? [];
  return {
    ...NOTHING,
    ...{ source: 'solum', id: row['id'] ?? '', startMs: msOf(row['started_at']), endMs: msOf(row['ended_at']) },
    direction: way,
    seconds: upTo(86_400, row['duration_min'] && String(Number(row['duration_min']) * 60)),
    sessions: upTo(100, row['sessions_scheduled']),
    needsFollowUp: row['status'] === 'follow_up_needed',
    category: row['category'] ?? undefined,
  };
}

const TALKED = ['user_hangup', 'agent_hangup', 'call_transfer', 'inactivity', 'max_duration_reached'];

function zudu(row: Values): CountedCall {
  const why = row['disconnection_reason']?.toLowerCase() ?? '';
  const direction = row['direction']?.toLowerCase();
  const isVoicemail = why === 'voicemail_reached' || row['in_voicemail'] === 'true';
  const talked = isVoicemail ? (direction === 'outbound' ? true : undefined) : TALKED.includes(why) || undefined;
  return {
    ...NOTHING,
    ...{ source: 'zudu', id: row['call_id'] ?? '', startMs: msOf(row['started_at']), endMs: msOf(row['ended_at']) },
    direction,
    isAnswered: why.startsWith('dial_') ? false : talked,
    seconds: upTo(86_400, row['call_duration_ms'] && String(Number(row['call_duration_ms']) / 1000)),
    cost: microsOf(row['combined_cost']),
  };
}

function msOf(instant: Canonical | undefined): number | undefined {
  return instant ? Date.parse(instant) : undefined;
}

function upTo(greatest: number, text: Canonical | undefined): number | undefined {
  if (!text) return undefined;
  const number = Number(text);
  return number >= 0 && number <= greatest ? number : undefined;
}

/** A refund, which is negative, is no cost. */
function microsOf(amount: Canonical | undefined): bigint | undefined {
  const micros = amount ? BigInt(amount.replace('.', '')) : -1n;
  return micros >= 0n && micros <= 10_000_000_000n ? micros : undefined;
}

/** Day and hour on a clock. */
export function clockOf(ms: number, timeZone: string): { readonly day: string; readonly hour: number } {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);
  return { day: shown.slice(0, 10), hour: Number(shown.slice(11, 13)) };
}

/** The least value of which at least this share is not above it. */
export function nearestRank(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length - 1e-9) - 1];
}

/** Seconds from the creation of each ended Kismet call to the last entry of its log that changed `is_ended`, by id of the call. */
export function visitLengths(tables: ReadonlyMap<string, ExpectedTable>): ReadonlyMap<string, number> {
  const rows = (name: string) => [...(tables.get(name)?.values() ?? [])].map(({ safe }) => safe);
  const updates = new Set(
    rows('kismet_call_audit_logs').flatMap((log) => (log['event'] === 'update' ? [log['id']] : [])),
  );
  const ends = new Map<string, number>();
  for (const change of rows('kismet_call_audit_changes')) {
    if (change['field'] !== 'is_ended' || !updates.has(change['audit_log_id'] ?? null)) continue;
    const call = change['call_id'] ?? '';
    ends.set(call, Math.max(ends.get(call) ?? 0, msOf(change['created_at']) ?? 0));
  }
  return new Map(
    rows('kismet_calls').flatMap((call): [string, number][] => {
      const seconds = ((ends.get(call['id'] ?? '') ?? Number.NaN) - (msOf(call['created_at']) ?? Number.NaN)) / 1000;
      return call['is_ended'] === 'true' && seconds >= 0 && seconds <= 86_400 ? [[call['id'] ?? '', seconds]] : [];
    }),
  );
}

/** Most spans that hold one instant at the same time, by `day hour` in which one of them begins or ends. */
export function peaks(spans: readonly (readonly [number, number])[], timeZone: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const note = (ms: number, going: number) => {
    const { day, hour } = clockOf(ms, timeZone);
    found.set(`${day} ${hour}`, Math.max(found.get(`${day} ${hour}`) ?? 0, going));
  };
  for (const [from, to] of spans) {
    note(from, spans.filter(([start, end]) => start <= from && end > from).length);
    note(to - 1, spans.filter(([start, end]) => start < to && end >= to).length);
  }
  return found;
}
