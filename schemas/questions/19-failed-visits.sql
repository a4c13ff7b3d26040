-- Which share of the visits failed?
-- The vendor's own rate, from 0 to 1 once its unit is known. failed_calls is that share of the vendor's count.

SELECT account, date, vendor_calls, fail_rate, failed_calls
FROM kismet_metrics_reconciliation
WHERE is_complete_day
ORDER BY date DESC, account
LIMIT 7
