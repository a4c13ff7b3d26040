-- How many follow-ups are open, and how old are they?
-- Age counts from the end of the call, so a follow-up that was needed later looks older than it is, never younger.
-- Calls without a start have no known age.

SELECT category, count(*) AS open, count(CASE WHEN is_overdue THEN 1 END) AS overdue, count(*) - count(age_days) AS of_unknown_age,
  avg(age_days) AS average_days, max(age_days) AS oldest_days
FROM follow_ups
GROUP BY category
ORDER BY overdue DESC, open DESC, category
