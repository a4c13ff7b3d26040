-- Which days of the week are busiest?
-- Average of complete days. Closed days count as days, so a holiday makes its weekday look quiet.

SELECT weekday, count(*) AS days, avg(CAST(calls AS double)) AS calls_per_day, max(calls) AS busiest_day
FROM (SELECT date, max(weekday) AS weekday, sum(calls) AS calls FROM calls_daily WHERE is_complete_day GROUP BY date) d
GROUP BY weekday
ORDER BY weekday
