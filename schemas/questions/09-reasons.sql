-- What do callers want?
-- Solum only. Staff correct the category for weeks, so older weeks move a little.

SELECT category, sum(calls) AS calls, CAST(sum(calls) AS double) / sum(sum(calls)) OVER () AS share
FROM categories_daily
GROUP BY category
ORDER BY calls DESC, category
