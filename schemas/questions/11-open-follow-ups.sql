-- How many follow-ups are open, and how old are they?
-- Age counts from the run that saw the call become a follow-up. If the call was one when Callhouse first saw it, age counts from the end of the call, so it may look older than it is.
-- If neither is known, the call has no known age.

SELECT category, count(*) AS open, count(CASE WHEN is_overdue THEN 1 END) AS overdue, count(*) - count(age_days) AS of_unknown_age,
  avg(age_days) AS average_days, max(age_days) AS oldest_days
FROM follow_ups
GROUP BY category
ORDER BY overdue DESC, open DESC, category
