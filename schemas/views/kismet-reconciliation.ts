import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { bigint, date, double, text, type View } from './view.ts';

/** What the vendor counts of a day against what was extracted of it. */
export function reconciliationView(databases: Databases): View {
  return {
    name: 'kismet_metrics_reconciliation',
    doc: "Kismet's own count of calls by day next to the calls extracted of that day, and its fail rate from 0 to 1.",
    columns: {
      account: text('Account of the source.'),
      date: date("The vendor's day; of extracted calls the day in UTC, since the document names no zone."),
      vendor_calls: bigint('Calls as the vendor counts them; null where it gives no metrics of the day.', 'calls'),
      extracted_calls: bigint('Calls created that day that were extracted.', 'calls'),
      difference: bigint(
        "Extracted calls less the vendor's; 0 where all is well, null where it leaves 64 bits.",
        'calls',
      ),
      call_fail_rate: double('Share of failed calls as served.'),
      fail_rate_unit: text(
        'ratio or percent: what the served rates of the account must be for calls times rate to be whole; unknown where nothing tells.',
      ),
      fail_rate_evidence_days: bigint('Days with a rate above 0, which the unit is inferred from.', 'days'),
      fail_rate: double('Share of failed calls, 0 to 1; null where the unit is unknown.'),
      failed_calls: bigint('Failed calls by that share; null where that leaves 64 bits.', 'calls'),
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
 * The document says "between 0 and 100" and "0.125 means 12.5%". Failed calls are whole: where calls × rate is whole on every
 * day it is a ratio, where some rate is above 1 a percentage; what fits both ways on every day stays unknown. A rate may be
 * rounded to two digits: what that moves calls × rate by is let pass.
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
