-- What do these figures leave out?
-- Implausible values are left out of the figures; their calls are still in calls, with implausible set.

SELECT source, account, issue, calls, share, last_date
FROM data_quality
ORDER BY calls DESC, source, account, issue
