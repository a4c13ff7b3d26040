import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/**
 * The metrics that the Lambdas write into their logs (EMF), in namespace `Callhouse`; few, for each costs money every month.
 *
 * | metric | dimensions | written by | value |
 * |---|---|---|---|
 * | `FreshnessMinutes` | stage, source, account | extract, at every run | minutes from the last whole run of the account's stalest stream to `at` |
 * | `LoadFailures` | stage | load, at every run | 1 if it failed, else 0 |
 * | `RowsLoaded` | stage | load | rows changed in the tables |
 * | `RejectedValues` | stage | extract, at every run | values refused or doubted in what it read |
 * | `FailedChecks` | stage | maintain, at every run | checks that failed |
 */
const NAMESPACE = 'Callhouse';

/** Age of the stalest stream of an account. */
export function freshnessMinutes(stage: string, source: string, account: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'FreshnessMinutes',
    dimensionsMap: { stage, source, account },
    statistic: 'Maximum',
    period: Duration.minutes(15),
  });
}

/** A metric of the whole stage, summed. */
export function stageMetric(
  metricName: 'LoadFailures' | 'RowsLoaded' | 'RejectedValues' | 'FailedChecks',
  stage: string,
  period: Duration,
): Metric {
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap: { stage }, statistic: 'Sum', period });
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

/** A figure AWS keeps of a Lambda. */
export function lambdaMetric(metricName: 'Errors' | 'Duration', functionName: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic: metricName === 'Errors' ? 'Sum' : 'Maximum',
    period: Duration.minutes(15),
  });
}

/** Events in the queue of those that failed. */
export function deadLetters(queueName: string): Metric {
  return new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
}
