-- Which calls turn into bookings?
-- The base is calls of which Solum gives a number of sessions, 0 included; a missing number is not 0.

SELECT category, sum(bookable_calls) AS calls, sum(booked_calls) AS booked,
  CAST(sum(booked_calls) AS double) / NULLIF(sum(bookable_calls), 0) AS booking_rate, sum(sessions_scheduled) AS sessions
FROM categories_daily
GROUP BY category
HAVING sum(bookable_calls) > 0
ORDER BY booking_rate DESC, category
