-- What do calls cost, by vendor and week?
-- Complete days only, so the newest week may not be over. Never add amounts of different cost_currency. Null: the vendor does
-- not document it, and the setting costCurrency does not say (Zudu). A day of an account with costs in several currencies is left out.

SELECT source, account, CAST(date_trunc('week', date) AS date) AS week, cost_currency, sum(cost) AS cost,
  CAST(sum(cost) AS double) / NULLIF(sum(costed_calls), 0) AS cost_per_call
FROM calls_daily
WHERE is_complete_day AND cost IS NOT NULL
GROUP BY source, account, CAST(date_trunc('week', date) AS date), cost_currency
ORDER BY week DESC, source, account
LIMIT 8
