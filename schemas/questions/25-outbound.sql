-- Do our outbound calls reach anybody?
-- A voicemail that took the call counts as connected. Null: the vendor does not say.

SELECT source, account, sum(outbound_calls) AS outbound, sum(unreached_calls) AS unreached,
  1 - CAST(sum(unreached_calls) AS double) / sum(outbound_calls) AS connect_rate
FROM calls_daily
GROUP BY source, account
HAVING sum(outbound_calls) > 0
ORDER BY source, account
