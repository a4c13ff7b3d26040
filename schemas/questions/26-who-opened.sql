-- Who opens calls of other clinicians?
-- Many reads of other clinicians' calls are worth a question; for administrators they are part of the job. Null names are users
-- who are not clinicians of the organization.

SELECT account, reader_name, reader_id, count(*) AS reads, count(DISTINCT call_id) AS calls,
  count(CASE WHEN reader_is_provider = FALSE THEN 1 END) AS reads_of_others
FROM call_access_log
GROUP BY account, reader_name, reader_id
ORDER BY reads_of_others DESC, reader_id, account
LIMIT 10
