-- Did callers whom we missed call again within 7 days?
-- missed minus called_again are the callers we lost. Left out are callers without a number, and calls whose 7 days
-- (repeatDays) are not over.

SELECT count(*) AS missed, count(CASE WHEN r.is_resolved = FALSE THEN 1 END) AS called_again
FROM calls c
JOIN repeat_calls r ON r.source = c.source AND r.account = c.account AND r.call_id = c.call_id
WHERE c.missed AND r.is_resolved IS NOT NULL
