-- How long do callers wait, usually and at worst?
-- Median and 95th percentile by nearest rank. Only answered inbound calls of vendors that give a wait (Kalem); a caller
-- who gave up is not among them but among the missed.

SELECT min(CASE WHEN place >= 0.5e0 * waits THEN wait_seconds END) AS median_seconds,
  min(CASE WHEN place >= 0.95e0 * waits THEN wait_seconds END) AS p95_seconds,
  max(wait_seconds) AS longest_seconds, max(waits) AS calls
FROM (
  SELECT wait_seconds, row_number() OVER (ORDER BY wait_seconds) AS place, count(*) OVER () AS waits
  FROM calls
  WHERE missed = FALSE AND wait_seconds IS NOT NULL
) w
