-- Do our outbound calls reach anybody?
-- A voicemail that took the call counts as reached. connect_rate is of the calls whose answer is known: if many are
-- unknown, it says little. Unknown are calls in progress, and Zudu's calls with an error or without a disconnection_reason.

SELECT source, account, sum(outbound_calls) AS outbound, sum(reached_calls) AS reached, sum(unreached_calls) AS unreached,
  sum(outbound_calls) - sum(reached_calls) - sum(unreached_calls) AS unknown,
  CAST(sum(reached_calls) AS double) / NULLIF(sum(reached_calls) + sum(unreached_calls), 0) AS connect_rate
FROM calls_daily
GROUP BY source, account
HAVING sum(outbound_calls) > 0
ORDER BY source, account
