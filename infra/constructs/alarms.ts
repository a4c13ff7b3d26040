import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type CountedOutcome, OUTCOMES } from '../../functions/aws/lambda/outcomes.ts';
import { deadLetterQueueName, stageName, workgroupName } from '../../functions/aws/names.ts';
import { durationMs } from '../../functions/time.ts';
import { accountsOf, type StageSettings } from '../config.ts';
import { deadLetters, freshnessMinutes, largest, runOutcome, scannedByReaders, stageMetric } from './metrics.ts';

export interface AlarmsProps {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly topic: ITopic;
}

interface Condition {
  readonly doc: string;
  readonly metric: Metric;
  readonly atLeast: number;
  /** Number of periods in a row in which the metric must reach the threshold. @default 1 */
  readonly periods?: number;
  /** The alarm also fires if there is no data. @default false */
  readonly silenceIsBad?: boolean;
}

/** What the exit codes mean; the README explains each. */
const MEANINGS: Readonly<Record<CountedOutcome, string>> = {
  2: 'settings or credentials are missing or wrong',
  3: 'a vendor is unavailable',
  4: "a vendor's answer or saved state is not what is expected",
  5: 'S3, Athena or a key failed',
};
const DAY = Duration.days(1);
const GB = 1_000_000_000;

/** The alarms. Each has the name of its runbook in `docs/operations.md`. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { stage, settings, topic }: AlarmsProps) {
    super(scope, id);
    this.all = Object.entries(conditions(stage, settings)).map(([name, condition]) => {
      const { doc, metric, atLeast, periods = 1, silenceIsBad } = condition;
      const alarm = new Alarm(this, name, {
        alarmName: `${stageName(stage)}-${name}`,
        alarmDescription: `${doc}. What to do: docs/operations.md, ${name.replace(/-of-.*/, '')}`,
        metric,
        threshold: atLeast,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: periods,
        treatMissingData: silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
      return alarm;
    });
  }
}

function conditions(stage: string, settings: StageSettings): Readonly<Record<string, Condition>> {
  const { alarms, schedules } = settings;
  const stale = accountsOf(settings).map(({ source, account }) => {
    const minutes = durationMs(alarms.staleAfter) / 60_000;
    const condition: Condition = {
      doc: `No complete run of ${source}, account ${account}, for ${alarms.staleAfter}, or no run at all`,
      metric: freshnessMinutes(stage, source, account).with({ period: silence(schedules.extract) }),
      atLeast: minutes,
      silenceIsBad: schedules.enabled,
    };
    return [`stale-stream-of-${source}-${account}`, condition];
  });
  return {
    ...Object.fromEntries(stale),
    'failed-load': {
      doc: 'A load failed, or no load ran',
      // No load begins while the maintenance compacts, which takes a quarter of an hour at most.
      metric: stageMetric('LoadFailures', stage, silence(schedules.load, 30)),
      atLeast: 1,
      silenceIsBad: schedules.enabled,
    },
    'load-lag': {
      doc: `A commit has waited ${alarms.loadLagAfter} to be loaded, and the last load did not load it`,
      metric: largest('LoadLagMinutes', stage, silence(schedules.load)),
      atLeast: durationMs(alarms.loadLagAfter) / 60_000,
    },
    'failed-check': {
      doc: 'A check found a fault of the warehouse',
      metric: stageMetric('FailedChecks', stage, DAY),
      atLeast: 1,
    },
    'dead-letters': {
      doc: 'A Lambda failed twice on the same event: a bug, or too little memory or time',
      metric: deadLetters(deadLetterQueueName(stage)),
      atLeast: 1,
    },
    'removals-held': {
      doc:
        'So many records are missing at a vendor that their removal is held. If they are gone there, run: ' +
        `callhouse confirm-removals SOURCE.STREAM --aws --stage ${stage}, with the names that callhouse status --aws --stage ${stage} shows`,
      metric: largest('RemovalsHeld', stage, silence(schedules.extract)),
      atLeast: 1,
    },
    rejects: {
      doc: `The vendors sent at least ${alarms.rejectsPerDay} values in a day that were refused`,
      metric: stageMetric('RejectedValues', stage, DAY),
      atLeast: alarms.rejectsPerDay,
    },
    ...Object.fromEntries(OUTCOMES.map((code) => [`run-outcome-of-${code}`, outcome(stage, code, schedules)])),
    ...Object.fromEntries(
      (['etl', 'bi', 'phi'] as const).map((use) => [`spend-of-${use}`, spend(stage, use, alarms.scannedGbPerDay)]),
    ),
  };
}

/** A vendor that is unavailable for a moment needs nobody, so exit code 3 counts only if it lasts. */
function outcome(stage: string, code: CountedOutcome, schedules: StageSettings['schedules']): Condition {
  const ticks = silence(schedules.extract);
  const loads = silence(schedules.load);
  const period = code === 3 || ticks.toMinutes() > loads.toMinutes() ? ticks : loads;
  return {
    doc: `Runs ended with exit code ${code}: ${MEANINGS[code]}`,
    metric: runOutcome(stage, code, period),
    atLeast: 1,
    ...(code === 3 && { periods: 2 }),
  };
}

function spend(stage: string, use: 'etl' | 'bi' | 'phi', gb: number): Condition {
  const workgroup = workgroupName(stage, use);
  return {
    doc: `Workgroup ${workgroup} scanned at least ${gb} GB in a day`,
    metric: use === 'etl' ? stageMetric('ScannedBytes', stage, DAY) : scannedByReaders(workgroup, DAY),
    atLeast: gb * GB,
  };
}

/** Time in which at least two runs are due, up to 1 day. @param least minutes */
function silence(every: string, least = 15): Duration {
  const minutes = Math.max(least, 2 * Math.ceil(durationMs(every) / 60_000));
  return Duration.minutes(Math.min(minutes, DAY.toMinutes()));
}
