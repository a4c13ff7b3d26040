-- Did callers whom we missed call again within 7 days?
-- missed minus called_again are the callers we lost, unless the clinic called them back: outbound calls are not looked at. Left out
-- are callers without a number, and calls whose 7 days (repeatDays) are not over, also if the caller has called again already.

SELECT count(*) AS missed, count(CASE WHEN r.is_resolved = FALSE THEN 1 END) AS called_again
FROM calls c
JOIN (
  SELECT source, account, call_id, is_resolved, started_at, max(CASE WHEN is_resolved THEN started_at END) OVER (PARTITION BY source, account) AS last_resolved_at
  FROM repeat_calls
) r ON r.source = c.source AND r.account = c.account AND r.call_id = c.call_id
WHERE c.missed AND r.started_at <= r.last_resolved_at
