-- How many calls come outside our opening hours?
-- Null until the setting openingHours says when the clinic takes calls.

SELECT source, sum(after_hours_calls) AS after_hours, CAST(sum(after_hours_calls) AS double) / sum(calls) AS share
FROM calls_daily
WHERE date IS NOT NULL
GROUP BY source
ORDER BY source
