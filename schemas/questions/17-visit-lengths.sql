-- How long are the visits of each clinician?
-- From the creation of the call to the audit entry that ended it, waiting included. It equals Kismet's own daily
-- average.

SELECT account, max(provider_name) AS provider_name, count(*) AS visits, sum(length_seconds) / 3600 AS hours, avg(length_seconds) / 60 AS average_minutes
FROM kismet_sessions
WHERE length_seconds IS NOT NULL
GROUP BY account, provider_id
ORDER BY visits DESC, provider_name, account
