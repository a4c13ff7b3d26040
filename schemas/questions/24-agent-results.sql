-- How do voice agents do, by the vendor's own judgement?
-- Only Zudu judges its calls. success_share is that judgement, of the calls that have one; it is no booking.

SELECT source, account, agent, count(*) AS calls, count(CASE WHEN result = 'completed' THEN 1 END) AS completed,
  count(CASE WHEN result = 'transferred' THEN 1 END) AS transferred, count(CASE WHEN result = 'voicemail' THEN 1 END) AS voicemail,
  count(CASE WHEN result = 'failed' THEN 1 END) AS failed,
  CAST(count(CASE WHEN is_successful THEN 1 END) AS double) / NULLIF(count(is_successful), 0) AS success_share
FROM calls
WHERE agent IS NOT NULL AND result IS NOT NULL
GROUP BY source, account, agent
HAVING count(is_successful) > 0
ORDER BY success_share, agent, account
