-- Does our count agree with the vendor's?
-- Complete days with metrics of the vendor. kismet_metrics_reconciliation shows the days that differ. The vendor also counts
-- calls that nobody can read any more, such as those of a clinician who was removed before they were read.

SELECT count(*) AS days, count(CASE WHEN difference = 0 THEN 1 END) AS equal_days
FROM kismet_metrics_reconciliation
WHERE vendor_calls IS NOT NULL AND is_complete_day
