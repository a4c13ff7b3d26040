import type { Databases } from '../derive/databases.ts';
import { quoteName, quoteText } from '../derive/sql-text.ts';
import { kismetDailyCallMetrics } from '../tables/kismet.ts';
import { callRuns, LAST_WINDOW_END } from './coverage.ts';
import { bigint, boolean, date, double, text, type View } from './view.ts';

/** The vendor's count of a day's calls beside the number of calls that we extracted. */
export function reconciliationView(databases: Databases): View {
  return {
    name: 'kismet_metrics_reconciliation',
    key: ['account', 'date'],
    references: { kismet_daily_call_metrics: "account, date, scope = 'organization'" },
    oddities: [
      "SELECT 'vendor_count' AS check_name, 'kismet' AS source, account, count(CASE WHEN difference <> 0 THEN 1 END) AS days,",
      `  ${quoteText('On complete days, the vendor counts another number of calls.')} AS meaning`,
      `FROM ${quoteName(databases.safe)}."kismet_metrics_reconciliation" WHERE is_complete_day GROUP BY account ORDER BY account`,
    ].join('\n'),
    doc: "One row per account and day: Kismet's own count of calls, the calls extracted, and the fail rate from 0 to 1.",
    columns: {
      account: text('Account of the source.', 'COALESCE(m.account, c.account)'),
      date: date(
        "The vendor's day. Extracted calls count by their UTC day, since the vendor's document names no time zone.",
        'COALESCE(m.date, c.date)',
      ),
      is_complete_day: boolean(
        'True once the calls of the UTC day were read to its end; the counts may differ before that.',
        'COALESCE(m.date, c.date) < CAST(v.window_to AS date)',
      ),
      vendor_calls: bigint(
        'Calls that the vendor counts; null if it has no metrics for the day.',
        'calls',
        'm.total_calls',
      ),
      extracted_calls: bigint('Extracted calls that were created on that day.', 'calls', 'COALESCE(c.calls, 0)'),
      difference: bigint(
        "Extracted calls minus the vendor's count: 0 if they agree, null if it exceeds 64 bits. Below 0: also calls that nobody can read any more, e.g. of a clinician who was removed before they were read.",
        'calls',
        'CAST(COALESCE(c.calls, 0) AS decimal(38,0)) - CAST(m.total_calls AS decimal(38,0))',
      ),
      call_fail_rate: double('Share of failed calls, as the vendor sent it.', undefined, 'm.rate'),
      fail_rate_unit: text(
        "ratio (0 to 1) or percent (0 to 100), since the vendor's document says both: percent if any rate of the account is above 1; ratio if only as a ratio each day's rate gives a whole number of failed calls; else unknown.",
        "COALESCE(u.unit, 'unknown')",
      ),
      fail_rate_evidence_days: bigint(
        'Number of days with a plausible rate above 0; they decide the unit.',
        'days',
        'COALESCE(u.days, 0)',
      ),
      fail_rate: double('Share of failed calls, 0 to 1; null if the unit is unknown.', undefined, RATE),
      failed_calls: bigint(
        `Number of failed calls by that share; null if the count or the rate is implausible (${BOUNDS}).`,
        'calls',
        `CASE WHEN ${IS_PLAUSIBLE('m.total_calls', 'm.rate')} THEN round(m.total_calls * ${RATE}) END`,
      ),
    },
    from: bothCounts(databases),
  };
}

/** The vendor's days and ours, with the unit of the account's rate and how far its calls were read. */
function bothCounts(databases: Databases): string {
  return [
    `FROM (${vendorDays(databases)}) m`,
    `FULL JOIN (${extractedDays(databases)}) c`,
    '  ON c.account = m.account AND c.date = m.date',
    `LEFT JOIN (${unitOfAccounts(databases)}) u`,
    '  ON u.account = COALESCE(m.account, c.account)',
    `LEFT JOIN (SELECT account, ${LAST_WINDOW_END} AS window_to FROM ${callRuns(databases)} AND source = 'kismet' GROUP BY account) v`,
    '  ON v.account = COALESCE(m.account, c.account)',
  ].join('\n');
}

const COUNT = kismetDailyCallMetrics.columns['total_calls']?.plausible ?? [0, 0];
const RATE_BOUND = kismetDailyCallMetrics.columns['call_fail_rate']?.plausible ?? [0, 0];
const BOUNDS = `${COUNT.join(' to ')} calls, rate ${RATE_BOUND.join(' to ')}`;

/** The product of the greatest numbers of both types is infinite, which Trino cannot round. */
const IS_PLAUSIBLE = (count: string, rate: string) =>
  `${count} BETWEEN ${COUNT.join(' AND ')} AND ${rate} BETWEEN ${RATE_BOUND.join(' AND ')}`;

const RATE = `CASE
    WHEN m.rate = 0 OR u.unit = 'ratio' THEN m.rate
    WHEN u.unit = 'percent' THEN m.rate / 100
  END`;

function vendorDays({ safe }: Databases): string {
  return `
  SELECT account, date, total_calls, call_fail_rate AS rate
  FROM ${quoteName(safe)}."kismet_daily_call_metrics"
  WHERE scope = 'organization' AND _deleted_at IS NULL
`;
}

function extractedDays({ safe }: Databases): string {
  return `
  SELECT account, CAST(created_at AS date) AS date, count(*) AS calls
  FROM ${quoteName(safe)}."kismet_calls"
  WHERE _deleted_at IS NULL AND created_at IS NOT NULL
  GROUP BY account, CAST(created_at AS date)
`;
}

/**
 * Infers the unit of each account's rate. Kismet's document (Call Metrics API) says both "between 0 and 100" and "0.125 means
 * 12.5%". A rate above 1 must be a percentage. Otherwise we use that the number of failed calls is an integer: if calls × rate is an
 * integer on every day, and calls × rate / 100 is not, the rate is a ratio. If both fit on every day, the unit stays unknown. The
 * vendor may round a rate to two digits, so the tolerance is what that rounding can add to calls × rate.
 */
function unitOfAccounts(databases: Databases): string {
  return `
  SELECT account, count(*) AS days,
    CASE
      WHEN max(rate) > 1 THEN 'percent'
      WHEN count(CASE WHEN fits_ratio THEN 1 END) = count(*) AND count(CASE WHEN fits_percent THEN 1 END) < count(*) THEN 'ratio'
      ELSE 'unknown'
    END AS unit
  FROM (
    SELECT account, rate,
      abs(failed - round(failed)) <= least(0.25e0, 0.001e0 + 0.005e0 * total_calls) AS fits_ratio,
      round(failed / 100) >= 1 AND abs(failed / 100 - round(failed / 100)) <= 0.001e0 + 0.00005e0 * total_calls AS fits_percent
    FROM (SELECT account, total_calls, rate, total_calls * rate AS failed FROM (${vendorDays(databases)}) d
      WHERE ${IS_PLAUSIBLE('total_calls', 'rate')}) f
    WHERE failed > 0
  ) e
  GROUP BY account
`;
}
