import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { bigint, date, double, text, type View } from './view.ts';

/** The vendor's count of a day's calls beside the number of calls that we extracted. */
export function reconciliationView(databases: Databases): View {
  return {
    name: 'kismet_metrics_reconciliation',
    doc: "One row per account and day: Kismet's own count of calls, the calls extracted, and the fail rate from 0 to 1.",
    columns: {
      account: text('Account of the source.'),
      date: date(
        "The vendor's day. Extracted calls count by their UTC day, since the vendor's document names no time zone.",
      ),
      vendor_calls: bigint('Calls that the vendor counts; null if it has no metrics for the day.', 'calls'),
      extracted_calls: bigint('Extracted calls that were created on that day.', 'calls'),
      difference: bigint(
        "Extracted calls minus the vendor's count: 0 if they agree, null if it exceeds 64 bits.",
        'calls',
      ),
      call_fail_rate: double('Share of failed calls, as the vendor sent it.'),
      fail_rate_unit: text(
        'ratio or percent: the unit in which calls times rate is an integer on every day of the account; unknown if that does not decide.',
      ),
      fail_rate_evidence_days: bigint('Number of days with a rate above 0; they decide the unit.', 'days'),
      fail_rate: double('Share of failed calls, 0 to 1; null if the unit is unknown.'),
      failed_calls: bigint('Number of failed calls by that share; null if it exceeds 64 bits.', 'calls'),
    },
    body: `${SELECTED}\nFROM (${vendorDays(databases)}) m\nFULL JOIN (${extractedDays(databases)}) c\n  ON c.account = m.account AND c.date = m.date\nLEFT JOIN (${unitOfAccounts(databases)}) u\n  ON u.account = COALESCE(m.account, c.account)`,
  };
}

const RATE = `CASE
    WHEN m.rate = 0 OR u.unit = 'ratio' THEN m.rate
    WHEN u.unit = 'percent' THEN m.rate / 100
  END`;

const SELECTED = `SELECT
  COALESCE(m.account, c.account) AS account,
  COALESCE(m.date, c.date) AS date,
  m.total_calls AS vendor_calls,
  COALESCE(c.calls, 0) AS extracted_calls,
  CAST(COALESCE(c.calls, 0) AS decimal(38,0)) - CAST(m.total_calls AS decimal(38,0)) AS difference,
  m.rate AS call_fail_rate,
  COALESCE(u.unit, 'unknown') AS fail_rate_unit,
  COALESCE(u.days, 0) AS fail_rate_evidence_days,
  ${RATE} AS fail_rate,
  round(m.total_calls * ${RATE}) AS failed_calls`;

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
      WHEN count(*) FILTER (WHERE fits_ratio) = count(*) AND count(*) FILTER (WHERE fits_percent) < count(*) THEN 'ratio'
      ELSE 'unknown'
    END AS unit
  FROM (
    SELECT account, rate,
      abs(failed - round(failed)) <= least(0.25e0, 0.001e0 + 0.005e0 * total_calls) AS fits_ratio,
      round(failed / 100) >= 1 AND abs(failed / 100 - round(failed / 100)) <= 0.001e0 + 0.00005e0 * total_calls AS fits_percent
    FROM (SELECT account, total_calls, rate, total_calls * rate AS failed FROM (${vendorDays(databases)}) d) f
    WHERE failed > 0
  ) e
  GROUP BY account
`;
}
