-- What do calls cost, by vendor and week?
-- Never add amounts of different cost_currency. Null: the vendor does not document it, and the setting costCurrency
-- does not say (Zudu).

SELECT source, account, week, cost_currency, sum(cost) AS cost, CAST(sum(cost) AS double) / NULLIF(sum(costed_calls), 0) AS cost_per_call
FROM handlers_weekly
WHERE cost IS NOT NULL
GROUP BY source, account, week, cost_currency
ORDER BY week DESC, source, account
LIMIT 8
