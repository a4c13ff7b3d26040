-- What does a booked appointment cost?
-- Cost and bookings come from different vendors, so this holds for the clinic group and not for an agent.

SELECT sum(CASE WHEN cost_currency = 'USD' THEN cost END) AS cost_usd, sum(booked_calls) AS booked_calls,
  CAST(sum(CASE WHEN cost_currency = 'USD' THEN cost END) AS double) / NULLIF(sum(booked_calls), 0) AS cost_per_booked_call
FROM calls_daily
WHERE is_complete_day
