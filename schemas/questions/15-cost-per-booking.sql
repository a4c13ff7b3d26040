-- What does a call that books cost, and what an appointment?
-- A call can book several appointments. Cost and bookings come from different vendors, so this holds for the clinic group
-- and not for an agent. Only costs in USD; where yours are in another currency, change it.

SELECT sum(CASE WHEN cost_currency = 'USD' THEN cost END) AS cost_usd, sum(booked_calls) AS booked_calls, sum(sessions_scheduled) AS appointments,
  CAST(sum(CASE WHEN cost_currency = 'USD' THEN cost END) AS double) / NULLIF(sum(booked_calls), 0) AS cost_per_booked_call,
  CAST(sum(CASE WHEN cost_currency = 'USD' THEN cost END) AS double) / NULLIF(sum(sessions_scheduled), 0) AS cost_per_appointment
FROM calls_daily
WHERE is_complete_day
