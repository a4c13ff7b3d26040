-- How many callers call again?
-- An approximation of first-contact resolution, over all vendors. Callers without a number, and callers who use two numbers,
-- are not seen. resolved_share leaves out calls whose 7 days (repeatDays) are not over.

SELECT count(*) AS calls, count(CASE WHEN is_repeat THEN 1 END) AS repeats,
  count(CASE WHEN is_resolved = FALSE THEN 1 END) AS called_again,
  CAST(count(CASE WHEN is_resolved THEN 1 END) AS double) / NULLIF(count(is_resolved), 0) AS resolved_share
FROM repeat_calls
