import { targetsOf, type ViewSettings } from './view-settings.ts';

/** One figure of `key_figures`, over the columns of {@link groupSql}. */
export interface Figure {
  readonly metric: string;
  /** Name to show. */
  readonly label: string;
  /** What it is, by the columns of `calls_daily` where it can be computed from them. */
  readonly means: string;
  readonly unit: 'calls' | 'sessions' | 's' | 'ratio' | 'currency';
  /** 1 if more is better, -1 if less is better, 0 if neither. */
  readonly better: -1 | 0 | 1;
  /** Column with the figure. */
  readonly value: Column;
  /** Column with the number of calls that the figure rests on. */
  readonly base: Column;
  /** The figure is `value` divided by `base`. @default false */
  readonly isShare?: boolean;
}

const MEANS = {
  calls: 'Calls that started in the days; 0 if they were read and had none.',
  missed_calls: 'missed_calls. base: answered_inbound_calls + missed_calls.',
  answer_rate: 'answered_inbound_calls / (answered_inbound_calls + missed_calls).',
  average_speed_of_answer: 'wait_seconds / waited_calls.',
  wait_p50: 'The least wait that half of waited_calls do not exceed.',
  wait_p95: 'The least wait that 95 % of waited_calls do not exceed.',
  service_level: 'in_target_calls / (waited_calls + missed_calls), of vendors that give a wait.',
  average_handle_time: 'duration_seconds / timed_calls.',
  median_handle_time: 'The least duration that half of timed_calls do not exceed.',
  after_hours_share: "after_hours_calls / calls, with outbound calls and Kismet's video calls.",
  booked_calls: 'booked_calls. base: bookable_calls.',
  booking_rate: 'booked_calls / bookable_calls.',
  sessions_scheduled: 'sessions_scheduled. base: bookable_calls.',
  repeat_call_rate: 'Calls with is_repeat / rows of repeat_calls.',
  cost: 'Total cost; null if the calls have costs in several currencies. Costs of unknown currency count as another currency. base: costed_calls.',
  cost_per_call: 'cost / costed_calls; null like cost.',
};

/** The figures, in the order in which a manager reads them. */
export function figuresOf(settings: ViewSettings): readonly Figure[] {
  const { answerTargetSeconds, repeatDays } = targetsOf(settings);
  const figure = (metric: keyof typeof MEANS, label: string, unit: Figure['unit'], better: Figure['better']) => {
    const named = { metric, label, unit, better, means: MEANS[metric] };
    return {
      is: (value: Column, base: Column): Figure => ({ ...named, value, base }),
      per: (value: Column, base: Column): Figure => ({ ...named, value, base, isShare: true }),
    };
  };
  return [
    figure('calls', 'Calls', 'calls', 0).is('calls', 'calls'),
    figure('missed_calls', 'Missed calls', 'calls', -1).is('missed', 'offered'),
    figure('answer_rate', 'Answer rate', 'ratio', 1).per('answered', 'offered'),
    figure('average_speed_of_answer', 'Average speed of answer', 's', -1).per('wait', 'waited'),
    figure('wait_p50', 'Median wait', 's', -1).is('wait_p50', 'waited'),
    figure('wait_p95', '95th percentile of the wait', 's', -1).is('wait_p95', 'waited'),
    figure('service_level', `Service level (${answerTargetSeconds} s)`, 'ratio', 1).per('in_target', 'waitable'),
    figure('average_handle_time', 'Average handle time', 's', 0).per('duration', 'timed'),
    figure('median_handle_time', 'Median handle time', 's', 0).is('duration_p50', 'timed'),
    figure('after_hours_share', 'After-hours share', 'ratio', 0).per('after_hours', 'hours_known'),
    figure('booked_calls', 'Calls that booked', 'calls', 1).is('booked', 'bookable'),
    figure('booking_rate', 'Booking rate', 'ratio', 1).per('booked', 'bookable'),
    figure('sessions_scheduled', 'Sessions booked', 'sessions', 1).is('sessions', 'bookable'),
    figure('repeat_call_rate', `Repeat calls (${repeatDays} days)`, 'ratio', -1).per('repeats', 'hashed'),
    figure('cost', 'Cost', 'currency', -1).is('cost', 'costed'),
    figure('cost_per_call', 'Cost per call with a cost', 'currency', -1).per('cost', 'costed'),
  ];
}

const IF_TOLD = (column: string, sql: string) => `CASE WHEN count(o.${column}) > 0 THEN ${sql} END`;
const count = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
/** The nearest-rank percentile: the least value of which at least that share is not above it. It is exact on both engines. */
const percentile = (share: string, rank: string, values: string, value: string) =>
  `min(CASE WHEN o.${rank} >= ${share} * o.${values} THEN o.${value} END)`;

/** Aggregates over the calls of a scope and period. */
const COLUMNS = {
  calls: () => 'count(*)',
  missed: () => IF_TOLD('missed', count('o.missed = TRUE')),
  answered: () => IF_TOLD('missed', count('o.missed = FALSE')),
  offered: () => 'count(o.missed)',
  waited: () => 'count(o.answer_seconds)',
  wait: () => 'sum(o.answer_seconds)',
  in_target: (target: number) => count(`o.answer_seconds <= ${target}`),
  // Missed calls of a vendor that gives no wait would sink the service level of those that do.
  waitable: () => `count(o.answer_seconds) + ${count('o.missed = TRUE AND o.gives_wait = 1')}`,
  wait_p50: () => percentile('0.5e0', 'wait_rank', 'waits', 'answer_seconds'),
  wait_p95: () => percentile('0.95e0', 'wait_rank', 'waits', 'answer_seconds'),
  timed: () => 'count(o.duration_seconds)',
  duration: () => 'sum(o.duration_seconds)',
  duration_p50: () => percentile('0.5e0', 'duration_rank', 'durations', 'duration_seconds'),
  hours_known: () => 'count(o.is_after_hours)',
  after_hours: () => count('o.is_after_hours = TRUE'),
  bookable: () => 'count(o.booked)',
  booked: () => IF_TOLD('booked', count('o.booked = TRUE')),
  sessions: () => 'sum(o.sessions_scheduled)',
  hashed: () => 'count(o.is_repeat)',
  repeats: () => count('o.is_repeat = TRUE'),
  costed: () => 'count(o.cost)',
  // Costs in different currencies cannot be added up.
  cost: () => 'CASE WHEN min(o.currency) = max(o.currency) THEN sum(CAST(o.cost AS double)) END',
} satisfies Readonly<Record<string, (answerTargetSeconds: number) => string>>;

type Column = keyof typeof COLUMNS;

/** Query with one row per scope and period, and one column for each of the aggregates. @param calls query for the ranked calls */
export function groupSql(settings: ViewSettings, calls: string): string {
  const { answerTargetSeconds } = targetsOf(settings);
  const columns = Object.entries(COLUMNS).map(([name, sql]) => `${sql(answerTargetSeconds)} AS ${name}`);
  const scope = 'o.source AS source, o.account AS account, o.period AS period';
  const period = 'max(o.period_to) AS period_to, max(o.is_read) AS is_read';
  return `SELECT ${scope}, ${period},\n  ${columns.join(',\n  ')}\nFROM (\n${calls}\n) o\nGROUP BY o.source, o.account, o.period`;
}
