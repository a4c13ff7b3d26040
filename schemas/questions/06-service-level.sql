-- What is our service level?
-- Answered within the target (20 s unless answerTargetSeconds says otherwise) of all offered, answered and missed: the
-- strict definition. Keep to vendors that give a wait: Zudu's missed calls have none.

SELECT sum(in_target_calls) AS within_target, sum(waited_calls) AS answered, sum(missed_calls) AS missed,
  CAST(sum(in_target_calls) AS double) / NULLIF(sum(waited_calls) + sum(missed_calls), 0) AS service_level
FROM calls_daily
WHERE source = 'kalem' AND is_complete_day
