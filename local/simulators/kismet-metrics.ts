import type { Json } from './json-text.ts';
import type { KismetCall, KismetWorld, MetricDay } from './kismet-types.ts';
import { enterRecord, reviseRecord } from './ledger.ts';
import { hashText } from './random.ts';

/** The four maps, by the name the API gives them. */
export const METRIC_NAMES = ['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time'] as const;

/** What the figures of a day are; null where a map has no such day. */
type DayFigures = Readonly<Record<(typeof METRIC_NAMES)[number], number | null>>;

const ORGANIZATION = 'organization';

/** Counts a new call in its day, for the organization and for its owner. */
export function countCall(kismet: KismetWorld, call: KismetCall): void {
  for (const scope of [ORGANIZATION, String(call.owner.id)]) addToDay(kismet, call, scope);
}

function addToDay(kismet: KismetWorld, call: KismetCall, scope: string): void {
  const { world } = kismet;
  const days = kismet.metrics.get(scope) ?? new Map<string, MetricDay>();
  kismet.metrics.set(scope, days);
  const date = dayOf(call);
  const known = days.get(date);
  if (known !== undefined) {
    reviseRecord(known.record, world.nowMs, () => known.calls.push(call));
    return;
  }
  const calls = [call];
  const kind = scope === ORGANIZATION ? ORGANIZATION : 'user';
  const id = `${kind}|${scope}|${date}`;
  const render = (): Json => ({ scope: kind, scope_id: scope, date, ...computeFigures(calls, id) });
  const record = enterRecord(world.book, { vendor: 'kismet', stream: 'daily_call_metrics', id }, world.nowMs, render);
  days.set(date, { record, calls });
}

/** Changes what the figures know about a call: the figures of its day are restated. */
export function restateCall(kismet: KismetWorld, call: KismetCall, change: () => void): void {
  const days = [ORGANIZATION, String(call.owner.id)].map((scope) => kismet.metrics.get(scope)?.get(dayOf(call)));
  const [organization, user] = days;
  const { nowMs } = kismet.world;
  if (organization === undefined || user === undefined) return;
  reviseRecord(organization.record, nowMs, () => reviseRecord(user.record, nowMs, change));
}

function dayOf(call: KismetCall): string {
  return new Date(call.createdMs).toISOString().slice(0, 10);
}

/** Figures of one day; maps are sparse, and not all in the same places. */
export function computeFigures(calls: readonly KismetCall[], id: string): DayFigures {
  const gap = hashText(id) % 29;
  const failed = calls.filter(({ measure }) => measure.hasFailed).length;
  return {
    total_calls: gap === 0 ? null : calls.length,
    average_duration: average(calls.map(({ measure }) => measure.durationSeconds)),
    call_fail_rate: gap === 1 ? null : failed / calls.length,
    average_wait_time: average(calls.map(({ measure }) => measure.waitSeconds)),
  };
}

function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Days of a scope between two dates (inclusive), newest first, as the document shows them. */
export function selectDays(kismet: KismetWorld, scope: string, from: string, to: string): [string, MetricDay][] {
  const days = [...(kismet.metrics.get(scope) ?? [])].filter(([date]) => date >= from && date <= to);
  return days.sort(([a], [b]) => (a < b ? 1 : -1));
}

/** Scope of the organization's own figures. */
export function organizationScope(): string {
  return ORGANIZATION;
}
