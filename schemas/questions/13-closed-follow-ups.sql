-- How long do follow-ups stay open?
-- Only those that Callhouse saw open and close; a call that the vendor removed counts as closed. Both times are those of the runs that saw it, so a wait may be off by the time between two runs.

SELECT count(*) AS closed, avg(hours) AS average_hours, max(hours) AS longest_hours, count(CASE WHEN hours > 72 THEN 1 END) AS over_three_days
FROM (
  SELECT date_diff('millisecond', valid_from, valid_to) / 3.6e6 AS hours
  FROM call_status_history
  WHERE status = 'follow_up_needed' AND is_first_seen = FALSE AND valid_to IS NOT NULL
) c
