import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { stageName } from '../functions/aws/names.ts';
import type { StageSettings } from './config.ts';
import { Alarms } from './constructs/alarms.ts';
import { Overview } from './constructs/overview.ts';

export interface OpsStackProps extends StackProps {
  readonly stage: string;
  readonly settings: StageSettings;
  readonly key: IKey;
}

/** Alarms with their SNS topic, the dashboard and the budget. It refers to other resources by name, so it is optional. */
export class OpsStack extends Stack {
  constructor(scope: Construct, id: string, props: OpsStackProps) {
    super(scope, id, props);
    const { stage, settings } = props;
    const topic = this.makeTopic(props);
    const alarms = new Alarms(this, 'Alarms', { stage, settings, topic });
    new Overview(this, 'Overview', { stage, settings, alarms: alarms.all });
    this.makeBudget(stage, settings.alarms, topic);
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn });
  }

  private makeTopic({ stage, settings, key }: OpsStackProps): Topic {
    const topic = new Topic(this, 'Topic', {
      topicName: `${stageName(stage)}-alarms`,
      masterKey: key,
      enforceSSL: true,
    });
    const publish = new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com'), new ServicePrincipal('budgets.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
    });
    publish.addCondition('StringEquals', { 'aws:SourceAccount': this.account });
    topic.addToResourcePolicy(publish);
    if (settings.alarms.email) topic.addSubscription(new EmailSubscription(settings.alarms.email));
    return topic;
  }

  /** The budget covers the AWS account: a filter by tag would count nothing until someone activates the tag for billing. */
  private makeBudget(stage: string, { monthlyBudgetUsd }: StageSettings['alarms'], topic: Topic): void {
    const subscribers = [{ subscriptionType: 'SNS', address: topic.topicArn }];
    const at = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
      notification: { notificationType, comparisonOperator: 'GREATER_THAN', threshold, thresholdType: 'PERCENTAGE' },
      subscribers,
    });
    const budget = new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: stageName(stage),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: [at('ACTUAL', 80), at('FORECASTED', 100)],
    });
    budget.node.addDependency(topic.node.findChild('Policy'));
  }
}
