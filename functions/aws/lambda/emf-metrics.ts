import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The metrics there are; `infra/constructs/metrics.ts` reads them by these names and dimensions. */
const UNITS = {
  FreshnessMinutes: MetricUnit.NoUnit,
  LoadFailures: MetricUnit.Count,
  RowsLoaded: MetricUnit.Count,
  RejectedValues: MetricUnit.Count,
  FailedChecks: MetricUnit.Count,
} as const;
export type MetricName = keyof typeof UNITS;

/** Writes one figure. */
export type Measure = (
  name: MetricName,
  value: number,
  of?: { readonly source: string; readonly account: string },
) => void;

/** Figures as lines of the log, which CloudWatch takes for metrics (EMF); each with exactly its own dimensions. */
export function emfMetrics(stage: string): Measure {
  return (name, value, of) => {
    const metrics = new Metrics({ namespace: 'Callhouse', serviceName: 'callhouse' });
    // Powertools adds the service to all, and a metric with another set of dimensions is another metric.
    metrics.clearDefaultDimensions();
    metrics.addDimensions({ stage, ...of });
    metrics.addMetric(name, UNITS[name], value);
    metrics.publishStoredMetrics();
  };
}
