import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import {
  deadLetterQueueName,
  extractName,
  loadName,
  maintainName,
  stageName,
  workgroupName,
} from '../../functions/aws/names.ts';
import { accountsOf, type StageSettings } from '../config.ts';
import { deadLetters, freshnessMinutes, lambdaMetric, largest, scannedByReaders, stageMetric } from './metrics.ts';

export interface OverviewProps {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly alarms: readonly Alarm[];
}

/** The dashboard: alarms, freshness of the data, loaded rows, errors, run times and scanned bytes. */
export class Overview extends Construct {
  constructor(scope: Construct, id: string, { stage, settings, alarms }: OverviewProps) {
    super(scope, id);
    const accounts = accountsOf(settings);
    const functions = [
      ...accounts.map((of) => extractName(stage, of.source, of.account)),
      loadName(stage),
      maintainName(stage),
    ];
    const hour = Duration.hours(1);
    new Dashboard(this, 'Resource', {
      dashboardName: stageName(stage),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24 })],
        [
          graph(
            'Minutes since the last complete run',
            accounts.map((of) => freshnessMinutes(stage, of.source, of.account)),
          ),
          graph('Rows loaded, values refused, removals held', [
            stageMetric('RowsLoaded', stage, hour),
            stageMetric('RejectedValues', stage, hour),
            largest('RemovalsHeld', stage, hour),
          ]),
        ],
        [
          graph('Errors', [
            ...functions.map((name) => lambdaMetric('Errors', name)),
            deadLetters(deadLetterQueueName(stage)),
          ]),
          graph(
            'Longest run, ms',
            functions.map((name) => lambdaMetric('Duration', name)),
          ),
        ],
        [
          graph('Bytes scanned', [
            stageMetric('ScannedBytes', stage, hour),
            ...(['bi', 'phi'] as const).map((use) => scannedByReaders(workgroupName(stage, use), hour)),
          ]),
          graph('Minutes that the oldest commit waits to be loaded', [largest('LoadLagMinutes', stage, hour)]),
        ],
      ],
    });
  }
}

function graph(title: string, left: IMetric[]): IWidget {
  return new GraphWidget({ title, left, width: 12 });
}
