import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * Metrics that the Lambdas write into their logs in embedded metric format (EMF), in namespace `Callhouse`. They are few, because AWS
 * charges monthly for each.
 * @see {@link https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html}
 *
 * | metric | dimensions | written by | value |
 * |---|---|---|---|
 * | `FreshnessMinutes` | stage, source, account | extract, at every run | minutes from the last complete run of the account's stalest stream to `at` |
 * | `LoadFailures` | stage | load, at every run | 1 if it failed, else 0 |
 * | `RowsLoaded` | stage | load | rows changed in the tables |
 * | `RejectedValues` | stage | extract, at every run | values refused in what it read |
 * | `RemovalsHeld` | stage | extract, at every run | removals of the account that wait for a confirmation |
 * | `FailedChecks` | stage | maintain, at every run | checks that failed |
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
  metricName: 'LoadFailures' | 'RowsLoaded' | 'RejectedValues' | 'FailedChecks',
  stage: string,
  period: Duration,
): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { stage }, statistic: 'Sum', period });
}

/** Removals that wait for a confirmation, of the account that has most. */
export function removalsHeld(stage: string, period: Duration): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'RemovalsHeld',
    dimensionsMap: { stage },
    statistic: 'Maximum',
    period,
  });
}

/** Bytes that the statements of a workgroup scanned. */
export function scannedBytes(workgroup: string, period: Duration): Metric {
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
