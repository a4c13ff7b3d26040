import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** All metrics. `infra/constructs/metrics.ts` reads them by these names and dimensions. */
const UNITS = {
  FreshnessMinutes: MetricUnit.NoUnit,
  LoadFailures: MetricUnit.Count,
  LoadLagMinutes: MetricUnit.NoUnit,
  RowsLoaded: MetricUnit.Count,
  RejectedValues: MetricUnit.Count,
  FailedChecks: MetricUnit.Count,
  RemovalsHeld: MetricUnit.Count,
  RunOutcome: MetricUnit.Count,
  ScannedBytes: MetricUnit.Bytes,
} as const;
type MetricName = keyof typeof UNITS;

/** Writes one value of a metric. @param of the account or the exit code, for metrics with that dimension */
export type EmitMetric = (
  name: MetricName,
  value: number,
  of?: { readonly source: string; readonly account: string } | { readonly code: string },
) => void;

/**
 * Writes metrics as log lines in the Embedded Metric Format, which CloudWatch turns into metrics.
 * @see {@link https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html}
 */
export function emfMetrics(stage: string): EmitMetric {
  return (name, value, of) => {
    const metrics = new Metrics({ namespace: 'Callhouse', serviceName: 'callhouse' });
    // Powertools adds the dimension `service`. A metric with other dimensions is another metric, which no alarm would watch.
    metrics.clearDefaultDimensions();
    metrics.addDimensions({ stage, ...of });
    metrics.addMetric(name, UNITS[name], value);
    metrics.publishStoredMetrics();
  };
}
