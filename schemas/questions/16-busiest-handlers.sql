-- Who is busiest?
-- Clinicians (Kismet) and voice agents side by side, in complete weeks. Null hours: the vendor gives no duration; for
-- clinicians ask visit-lengths.

SELECT handler_kind, max(handler_name) AS handler_name, source, account, sum(calls) AS calls, sum(duration_seconds) / 3600 AS hours
FROM handlers_weekly
WHERE is_complete_week
GROUP BY handler_kind, handler_id, source, account
ORDER BY calls DESC, handler_name, source, account
LIMIT 12
