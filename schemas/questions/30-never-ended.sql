-- Which calls never ended?
-- If it started more than a day ago, the vendor has lost the end, or the line is still open.

SELECT source, status, count(*) AS calls, min(started_at) AS oldest
FROM calls
WHERE is_ended = FALSE
GROUP BY source, status
ORDER BY source, status
