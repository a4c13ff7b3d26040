-- How many calls are there a day?
-- Complete days only; leave out the condition to see today as well. An account that is behind is missing in its later days: see
-- how-far.

SELECT date, sum(calls) AS calls
FROM calls_daily
WHERE is_complete_day
GROUP BY date
ORDER BY date DESC
LIMIT 14
