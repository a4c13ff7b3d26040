-- Which follow-ups wait longest?
-- A work list. The basis says where since comes from: seen, the status changed before a run; end_of_call, it was so when the call was first met.
-- The patient is a keyed hash; who may see names finds the call by call_id in callhouse_phi.solum_calls.

SELECT call_id, category, agent, since, since_basis, age_days
FROM follow_ups
WHERE since IS NOT NULL
ORDER BY since, call_id
LIMIT 5
