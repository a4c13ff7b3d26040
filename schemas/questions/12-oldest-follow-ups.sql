-- Which follow-ups wait longest?
-- A work list. since_basis says what since is: seen, the run that saw the status change; end_of_call, the end of a call that was a follow-up when Callhouse first saw it.
-- The patient is a keyed hash. Those who may see names find the call by account and call_id in callhouse_phi.solum_calls.

SELECT account, call_id, category, agent, since, since_basis, age_days
FROM follow_ups
WHERE since IS NOT NULL
ORDER BY since, account, call_id
LIMIT 5
