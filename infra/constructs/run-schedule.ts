import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';

/**
 * EventBridge Scheduler replaces this with the time the run was due, which may be before it starts.
 * @see {@link https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html}
 */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';
const UNITS: Readonly<Record<string, string>> = { m: 'minute', h: 'hour', d: 'day' };

export interface RunScheduleProps {
  readonly name: string;
  readonly group: string;
  /** `15m`, `6h`, `1d`, or a cron expression in UTC. */
  readonly every: string;
  readonly enabled: boolean;
  readonly functionArn: string;
  readonly roleArn: string;
  readonly deadLetterArn: string;
  /** Further properties of the event. @default none */
  readonly event?: Readonly<Record<string, string>>;
}

/** A schedule that invokes a Lambda with the time the run was due. */
export class RunSchedule extends Construct {
  constructor(scope: Construct, id: string, props: RunScheduleProps) {
    super(scope, id);
    new CfnSchedule(this, 'Resource', {
      name: props.name,
      groupName: props.group,
      scheduleExpression: expressionOf(props.every),
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      state: props.enabled ? 'ENABLED' : 'DISABLED',
      target: {
        arn: props.functionArn,
        roleArn: props.roleArn,
        input: JSON.stringify({ ...props.event, at: SCHEDULED_TIME, scheduled: true }),
        deadLetterConfig: { arn: props.deadLetterArn },
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 1800 },
      },
    });
  }
}

function expressionOf(every: string): string {
  if (every.startsWith('cron(')) return every;
  const count = Number(every.slice(0, -1));
  return `rate(${count} ${UNITS[every.slice(-1)]}${count === 1 ? '' : 's'})`;
}
