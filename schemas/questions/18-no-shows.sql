-- How many patients did not show up?
-- An approximation: no participant of type Recipient, the patient, is listed (user_only, nobody). The vendor has no field
-- for attendance. Calls whose participants are not known are left out.

SELECT account, max(provider_name) AS provider_name, count(*) AS ended, count(CASE WHEN attendance IN ('user_only', 'nobody') THEN 1 END) AS without_patient,
  CAST(count(CASE WHEN attendance IN ('user_only', 'nobody') THEN 1 END) AS double) / count(*) AS share
FROM kismet_sessions
WHERE attendance IS NOT NULL
GROUP BY account, provider_id
ORDER BY ended DESC, provider_name, account
