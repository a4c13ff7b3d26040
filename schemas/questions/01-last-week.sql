-- How was last week, and was it better than the week before?
-- One row per figure; the period is the last 7 complete days beside the 7 before. Null means that no vendor says. Look
-- at base, the calls that a figure rests on, before you believe a change, and at is_complete before you compare.

SELECT label, unit, value, previous_value, change_ratio, base, is_complete
FROM key_figures
WHERE source IS NULL
ORDER BY label
