-- What does a call that books cost, and what an appointment?
-- A call can book several appointments. Cost and bookings come from different vendors, so this holds for the clinic group
-- and not for an agent, and only for the days from which on both are known. Only costs in USD; where yours are in another currency, change it.

SELECT sum(cost_usd) AS cost_usd, sum(booked_calls) AS booked_calls, sum(sessions_scheduled) AS appointments,
  CAST(sum(cost_usd) AS double) / NULLIF(sum(booked_calls), 0) AS cost_per_booked_call,
  CAST(sum(cost_usd) AS double) / NULLIF(sum(sessions_scheduled), 0) AS cost_per_appointment
FROM (
  SELECT date, CASE WHEN cost_currency = 'USD' THEN cost END AS cost_usd, booked_calls, sessions_scheduled,
    min(CASE WHEN cost_currency = 'USD' THEN date END) OVER () AS first_cost, max(CASE WHEN cost_currency = 'USD' THEN date END) OVER () AS last_cost,
    min(CASE WHEN bookable_calls > 0 THEN date END) OVER () AS first_booking, max(CASE WHEN bookable_calls > 0 THEN date END) OVER () AS last_booking
  FROM calls_daily
  WHERE is_complete_day
) d
WHERE date >= first_cost AND date >= first_booking AND date <= last_cost AND date <= last_booking
