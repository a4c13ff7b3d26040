-- How many callers call again?
-- An approximation of first-contact resolution, over all vendors. Callers without a number, and callers who use two numbers,
-- are not seen. called_again and resolved_share leave out calls whose 7 days (repeatDays) are not over, also if the caller has
-- called again already, because only that answer can be known so early.

SELECT count(*) AS calls, count(CASE WHEN is_repeat THEN 1 END) AS repeats,
  count(CASE WHEN settled = FALSE THEN 1 END) AS called_again,
  CAST(count(CASE WHEN settled THEN 1 END) AS double) / NULLIF(count(settled), 0) AS resolved_share
FROM (
  SELECT is_repeat, CASE WHEN started_at <= max(CASE WHEN is_resolved THEN started_at END) OVER (PARTITION BY source, account) THEN is_resolved END AS settled
  FROM repeat_calls
) r
