-- How do calls in each language go?
-- Fewer than 30 calls say little. Hide counts from 1 to 10 before you show them outside the clinic. A language that few calls have is
-- null until 5 records show it.

SELECT language, count(*) AS calls, CAST(count(CASE WHEN booked THEN 1 END) AS double) / NULLIF(count(booked), 0) AS booking_rate
FROM calls
WHERE language IS NOT NULL
GROUP BY language
ORDER BY calls DESC, language
