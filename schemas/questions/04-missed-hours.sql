-- When do we miss calls?
-- Weekday 1 is Monday; hours are on the clinic's clock. Few calls make chance look like a pattern: fewer than about 10
-- missed calls in an hour say little.

SELECT weekday, hour, sum(missed_calls) AS missed, sum(missed_calls + answered_inbound_calls) AS offered
FROM calls_hourly
GROUP BY weekday, hour
HAVING sum(missed_calls) > 0
ORDER BY missed DESC, weekday, hour
LIMIT 10
