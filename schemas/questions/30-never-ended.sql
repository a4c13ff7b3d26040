-- Which calls never ended?
-- If such a call started more than a day ago, the vendor has lost the end, or the line is still open. Of some calls the
-- vendor does not say whether they ended (Solum).

SELECT source, status, count(CASE WHEN is_ended = FALSE THEN 1 END) AS not_ended, count(*) - count(is_ended) AS unknown, min(started_at) AS oldest
FROM calls
WHERE NOT COALESCE(is_ended, FALSE)
GROUP BY source, status
ORDER BY source, status
