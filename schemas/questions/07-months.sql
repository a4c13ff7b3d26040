-- Do we get more calls than last month?
-- Compare calls_per_day, not calls: the first and the last month are incomplete. Days without a call count too, from the vendor's
-- first call to the last day that was read. If one of a source's accounts is behind, its calls of the last days are missing: see how-far.

SELECT source, month, sum(calls) AS calls, max(days) AS days, CAST(sum(calls) AS double) / max(days) AS calls_per_day
FROM (
  SELECT source, month, calls,
    CAST(date_diff('millisecond', CAST(CASE WHEN first_day > month THEN first_day ELSE month END AS timestamp(6)),
      CAST(CASE WHEN day_after < next_month THEN day_after ELSE next_month END AS timestamp(6))) / 86400000 AS bigint) AS days
  FROM (
    SELECT d.source AS source, d.calls AS calls, CAST(date_trunc('month', d.date) AS date) AS month,
      CAST(date_trunc('month', d.date) + INTERVAL '1' MONTH AS date) AS next_month, min(d.date) OVER (PARTITION BY d.source) AS first_day,
      CAST(CASE WHEN max(f.data_through) OVER (PARTITION BY d.source) < max(d.date) OVER () THEN max(f.data_through) OVER (PARTITION BY d.source)
        ELSE max(d.date) OVER () END + INTERVAL '1' DAY AS date) AS day_after
    FROM calls_daily d
    JOIN freshness f ON f.source = d.source AND f.account = d.account AND f.stream = 'calls'
    WHERE d.is_complete_day
  ) r
) m
GROUP BY source, month
ORDER BY source, month
