-- Did callers whom we missed call again?
-- missed minus called_again are the callers we lost; calls whose 7 days are not over are left out.

SELECT count(*) AS missed, count(CASE WHEN r.is_resolved = FALSE THEN 1 END) AS called_again
FROM calls c
JOIN repeat_calls r ON r.source = c.source AND r.account = c.account AND r.call_id = c.call_id
WHERE c.missed AND r.is_resolved IS NOT NULL
