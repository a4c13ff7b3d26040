-- Do we get more calls than last month?
-- Compare calls_per_day, not calls: the first and the last month are incomplete.

SELECT source, CAST(date_trunc('month', date) AS date) AS month, sum(calls) AS calls, count(DISTINCT date) AS days,
  CAST(sum(calls) AS double) / count(DISTINCT date) AS calls_per_day
FROM calls_daily
WHERE is_complete_day AND date IS NOT NULL
GROUP BY source, CAST(date_trunc('month', date) AS date)
ORDER BY source, month
