-- How many lines do we need?
-- The most calls at the same moment, over all vendors, Kismet's video calls too: for the phone lines of one vendor, ask
-- with source = 'kalem'. Calls in progress, and calls without a plausible end, are left out. usual_peak is the average of the days on
-- which a call began or ended in that hour: if these are few, it is higher than on most days.

SELECT hour, max(peak_calls) AS peak, avg(CAST(peak_calls AS double)) AS usual_peak
FROM concurrency_hourly
WHERE source IS NULL
GROUP BY hour
ORDER BY hour
