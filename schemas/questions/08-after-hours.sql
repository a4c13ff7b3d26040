-- How many calls come outside our opening hours?
-- Calls that come have the direction inbound; those that the clinic makes, and Kismet's video calls, are in other rows. Null until
-- the setting openingHours says when the clinic takes calls.

SELECT source, direction, CASE WHEN count(is_after_hours) > 0 THEN count(CASE WHEN is_after_hours THEN 1 END) END AS after_hours,
  CAST(count(CASE WHEN is_after_hours THEN 1 END) AS double) / NULLIF(count(is_after_hours), 0) AS share
FROM calls
WHERE local_date IS NOT NULL
GROUP BY source, direction
ORDER BY source, direction
