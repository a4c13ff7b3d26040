import { beforeAll, describe, expect, test } from 'vitest';
import { confirmationPrefix } from '../../functions/lake/objects.ts';
import { CONFIRMATION_MS } from '../../functions/lake/removal-confirmation.ts';
import { DAY_MS } from '../../functions/time.ts';
import { makeStage, ofType, pick, resourcesOf, type TestStage } from '../helpers/infra.ts';

const ID = { source: 'kalem', account: 'default', stream: 'calls' };

let stage: TestStage;
beforeAll(async () => {
  stage = await makeStage({ schedules: { extract: '30m' } });
});

describe('held removals', () => {
  test('ring an alarm that names the command, as long as one of two runs tells of any', () => {
    const alarms = ofType(resourcesOf(stage.stacks.ops), 'AWS::CloudWatch::Alarm');
    const [, alarm] = alarms.find(([, { Properties }]) => Properties['MetricName'] === 'RemovalsHeld') ?? [];
    expect(alarm?.Properties).toMatchObject({
      AlarmName: 'callhouse-test-removals-held',
      AlarmDescription: expect.stringContaining('run: callhouse confirm-removals SOURCE.STREAM --aws --stage test'),
      Namespace: 'Callhouse',
      Dimensions: [{ Name: 'stage', Value: 'test' }],
      Statistic: 'Maximum',
      Period: 3600,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(String(alarm?.Properties['AlarmDescription']).length).toBeLessThanOrEqual(1024);
  });

  test('are on the dashboard', () => {
    const dashboards = ofType(resourcesOf(stage.stacks.ops), 'AWS::CloudWatch::Dashboard');
    expect(JSON.stringify(dashboards)).toContain('RemovalsHeld');
  });

  test('are confirmed by objects that expire only when they have ceased to count', () => {
    const buckets = ofType(resourcesOf(stage.stacks.data), 'AWS::S3::Bucket');
    const [, lake] = buckets.find(([id]) => id.startsWith('Lake')) ?? [];
    const rules = pick<{ Prefix?: string; ExpirationInDays?: number }[]>(
      lake,
      'Properties.LifecycleConfiguration.Rules',
    );
    const rule = rules.find(({ Prefix = '' }) => Prefix !== '' && confirmationPrefix(ID).startsWith(Prefix));
    expect(Number(rule?.ExpirationInDays) * DAY_MS).toBeGreaterThan(CONFIRMATION_MS);
  });
});
