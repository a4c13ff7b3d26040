-- How do calls in each language go?
-- Fewer than 30 calls say little. Hide counts from 1 to 10 before you show them outside the clinic.

SELECT language, sum(calls) AS calls, CAST(sum(booked_calls) AS double) / NULLIF(sum(bookable_calls), 0) AS booking_rate
FROM categories_daily
WHERE language IS NOT NULL
GROUP BY language
ORDER BY calls DESC, language
