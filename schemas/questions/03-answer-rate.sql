-- How many inbound calls did we miss in the last 28 days, and what was the answer rate?
-- The last 28 complete days. The rate is answered / (answered + missed): calls of unknown answer are in neither. Null:
-- the vendor does not say which calls were answered (Solum, Kismet). Zudu is inferred from disconnection_reason.

SELECT source, account, sum(missed_calls) AS missed,
  CAST(sum(answered_inbound_calls) AS double) / NULLIF(sum(answered_inbound_calls) + sum(missed_calls), 0) AS answer_rate
FROM (
  SELECT source, account, date, missed_calls, answered_inbound_calls, max(date) OVER () AS last_day
  FROM calls_daily
  WHERE is_complete_day
) d
WHERE date > last_day - INTERVAL '28' DAY
GROUP BY source, account
ORDER BY missed DESC NULLS LAST, source, account
