import { figuresOf } from './figures.ts';
import type { ViewSettings } from './view-settings.ts';

/** A figure over any group of rows of `calls_daily` or `calls_hourly`: BI tools that know it need not average averages. */
export interface Metric {
  /** As in `key_figures`. */
  readonly metric: string;
  readonly label: string;
  readonly unit: string;
  /** Measures that `sql` adds up. */
  readonly measures: readonly string[];
  /** Expression over the rows of a group, in the SQL that Athena and DuckDB share. */
  readonly sql: string;
}

/** Each figure of `key_figures` that sums over time can give; percentiles and repeat calls need the calls themselves. */
export function metricsOf(settings: ViewSettings): readonly Metric[] {
  const figures = new Map(figuresOf(settings).map((figure) => [figure.metric, figure]));
  return Object.entries(SUMS).flatMap(([metric, { measures, sql }]) => {
    const figure = figures.get(metric);
    return figure ? [{ metric, label: figure.label, unit: figure.unit, measures, sql }] : [];
  });
}

const sum = (measure: string) => ({ measures: [measure], sql: `sum(${measure})` });
const ratio = (over: string, under: string, ...measures: readonly string[]) => ({
  measures,
  sql: `CAST(sum(${over}) AS double) / nullif(sum(${under}), 0)`,
});
const OFFERED = 'answered_inbound_calls + missed_calls';

const SUMS: Readonly<Record<string, { readonly measures: readonly string[]; readonly sql: string }>> = {
  calls: sum('calls'),
  missed_calls: sum('missed_calls'),
  answer_rate: ratio('answered_inbound_calls', OFFERED, 'answered_inbound_calls', 'missed_calls'),
  average_speed_of_answer: ratio('wait_seconds', 'waited_calls', 'wait_seconds', 'waited_calls'),
  // waited_calls is null for a vendor that gives no wait: its missed calls do not count.
  service_level: ratio(
    'in_target_calls',
    'waited_calls + missed_calls',
    'in_target_calls',
    'waited_calls',
    'missed_calls',
  ),
  average_handle_time: ratio('duration_seconds', 'timed_calls', 'duration_seconds', 'timed_calls'),
  booked_calls: sum('booked_calls'),
  booking_rate: ratio('booked_calls', 'bookable_calls', 'booked_calls', 'bookable_calls'),
  sessions_scheduled: sum('sessions_scheduled'),
  cost: {
    measures: ['cost', 'cost_currency'],
    // Costs in different currencies, or in an unknown one, cannot be added up.
    sql: "CASE WHEN count(DISTINCT CASE WHEN cost IS NOT NULL THEN coalesce(cost_currency, '?') END) = 1 THEN sum(cost) END",
  },
};
