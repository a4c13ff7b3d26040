-- How many inbound calls did we miss in the last 28 days, and what was the answer rate?
-- The last 28 complete days. The rate is answered / (answered + missed): calls of unknown answer are in neither. Null:
-- the vendor does not say which calls were answered (Solum, Kismet). Zudu is inferred from disconnection_reason.

SELECT d.source, d.account, sum(d.missed_calls) AS missed,
  CAST(sum(d.answered_inbound_calls) AS double) / NULLIF(sum(d.answered_inbound_calls) + sum(d.missed_calls), 0) AS answer_rate
FROM calls_daily d
CROSS JOIN (SELECT max(date) AS last_day FROM calls_daily WHERE is_complete_day) r
WHERE d.is_complete_day AND d.date > r.last_day - INTERVAL '28' DAY
GROUP BY d.source, d.account
ORDER BY missed DESC NULLS LAST, d.source, d.account
