-- What is our service level?
-- The strict definition: calls answered within the target (20 s unless answerTargetSeconds says otherwise), of all answered
-- and missed ones. Ask it only of vendors that give a wait, which Zudu does not.

SELECT sum(in_target_calls) AS within_target, sum(waited_calls) AS answered, sum(missed_calls) AS missed,
  CAST(sum(in_target_calls) AS double) / NULLIF(sum(waited_calls) + sum(missed_calls), 0) AS service_level
FROM calls_daily
WHERE source = 'kalem' AND is_complete_day
