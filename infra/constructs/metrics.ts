import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { CountedOutcome } from '../../functions/aws/lambda/outcomes.ts';

/**
 * Metrics that the Lambdas write into their logs in embedded metric format (EMF), in namespace `Callhouse`. They are few, because AWS
 * charges monthly for each.
 * @see {@link https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html}
 *
 * | metric | dimensions | written by | value |
 * |---|---|---|---|
 * | `FreshnessMinutes` | stage, source, account | extract, at every run | minutes from the last complete run of the account's stalest stream to `at` |
 * | `LoadFailures` | stage | load, at every run that finds no other in progress | 1 if it failed, else 0 |
 * | `LoadLagMinutes` | stage | load, at every run that knows it | minutes that the oldest commit has waited which the run did not load; 0 if it loaded all |
 * | `RowsLoaded` | stage | load | rows changed in the tables |
 * | `RejectedValues` | stage | extract, at every run | values refused in what it read, of streams of which a row changed |
 * | `RemovalsHeld` | stage | extract, at every run | removals of the account that wait for a confirmation |
 * | `FailedChecks` | stage | maintain, at every run; load, if it found any | faults of the warehouse that checks found |
 * | `RunOutcome` | stage, code | each Lambda, if it ends with exit code 2, 3, 4 or 5 | 1 |
 * | `ScannedBytes` | stage | each Lambda, at the end of each Athena statement | bytes that the statement scanned |
 */
const NAMESPACE = 'Callhouse';

/** Minutes since the last complete run of the account's stalest stream. */
export function freshnessMinutes(stage: string, source: string, account: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'FreshnessMinutes',
    dimensionsMap: { stage, source, account },
    statistic: 'Maximum',
    period: Duration.minutes(15),
  });
}

/** Sum of a metric over a stage. */
export function stageMetric(
  metricName: 'LoadFailures' | 'RowsLoaded' | 'RejectedValues' | 'FailedChecks' | 'ScannedBytes',
  stage: string,
  period: Duration,
): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { stage }, statistic: 'Sum', period });
}

/** Largest value of a metric over a stage: removals held by the account that has most, or the minutes that loading lags behind. */
export function largest(metricName: 'RemovalsHeld' | 'LoadLagMinutes', stage: string, period: Duration): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { stage }, statistic: 'Maximum', period });
}

/** Number of runs that ended with an exit code. */
export function runOutcome(stage: string, code: CountedOutcome, period: Duration): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'RunOutcome',
    dimensionsMap: { stage, code: String(code) },
    statistic: 'Sum',
    period,
  });
}

/**
 * Bytes that the statements of a readers' workgroup scanned. AWS documents the metric with three dimensions and publishes it with the
 * workgroup alone too, which nothing documents; the pipeline's own bytes are therefore counted by `ScannedBytes`.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html}
 */
export function scannedByReaders(workgroup: string, period: Duration): Metric {
  return new Metric({
    namespace: 'AWS/Athena',
    metricName: 'ProcessedBytes',
    dimensionsMap: { WorkGroup: workgroup },
    statistic: 'Sum',
    period,
  });
}

/** A metric that AWS keeps for a Lambda: sum of errors, or longest duration in ms. */
export function lambdaMetric(metricName: 'Errors' | 'Duration', functionName: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: metricName === 'Errors' ? 'Sum' : 'Maximum',
    period: Duration.minutes(15),
  });
}

/** Number of events in the dead letter queue. */
export function deadLetters(queueName: string): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
}
