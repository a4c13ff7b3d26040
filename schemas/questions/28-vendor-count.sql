-- Does our count agree with the vendor's?
-- Complete days with metrics of the vendor. A difference is worth a look at kismet_metrics_reconciliation.

SELECT count(*) AS days, count(CASE WHEN difference = 0 THEN 1 END) AS equal_days
FROM kismet_metrics_reconciliation
WHERE vendor_calls IS NOT NULL AND is_complete_day
