-- Is everything read, and how far?
-- A figure is as good as the stream that is furthest behind. The view freshness also has lag_minutes.

SELECT source, account, stream, last_status, data_through
FROM freshness
ORDER BY source, account, stream
