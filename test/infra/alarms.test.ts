import { beforeAll, describe, expect, test } from 'vitest';
import { makeStage, ofType, resourcesOf } from '../helpers/infra.ts';
import { withoutCause } from '../years/causes.ts';

type Properties = Readonly<Record<string, unknown>>;
let alarms: ReadonlyMap<string, Properties>;

beforeAll(async () => {
  const { stacks } = await makeStage({ schedules: { load: '2h' }, alarms: { loadLagAfter: '90m' } });
  const found = ofType(resourcesOf(stacks.ops), 'AWS::CloudWatch::Alarm').map(([, { Properties: of }]) => of);
  alarms = new Map(found.map((of) => [String(of['AlarmName']).replace('callhouse-test-', ''), of]));
});

describe('alarms', () => {
  test.each([2, 4, 5])('ring as soon as a run ends with exit code %i', (code) => {
    expect(alarms.get(`run-outcome-of-${code}`)).toMatchObject({
      MetricName: 'RunOutcome',
      Namespace: 'Callhouse',
      Dimensions: [
        { Name: 'code', Value: String(code) },
        { Name: 'stage', Value: 'test' },
      ],
      Statistic: 'Sum',
      Period: 14_400,
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('ring for an unavailable vendor only if that lasts', () => {
    expect(alarms.get('run-outcome-of-3')).toMatchObject({ Period: 1800, EvaluationPeriods: 2 });
  });

  test('ring if no load ran, but not while the maintenance keeps loads out for a quarter of an hour', async () => {
    expect(alarms.get('failed-load')).toMatchObject({ Period: 14_400, TreatMissingData: 'breaching' });
    const { stacks } = await makeStage({ schedules: { load: '5m' } });
    const failedLoad = ofType(resourcesOf(stacks.ops), 'AWS::CloudWatch::Alarm').find(([id]) => /failedload/.test(id));
    expect(failedLoad?.[1].Properties).toMatchObject({ Period: 1800 });
  });

  test('ring in the two years in fast motion, each by a planted cause', () => {
    expect(withoutCause([...alarms.keys()])).toEqual([]);
    expect(withoutCause(['a-new-alarm'])).toEqual(['a-new-alarm']);
  });

  test('ring if a load leaves a commit that has waited too long', () => {
    expect(alarms.get('load-lag')).toMatchObject({
      MetricName: 'LoadLagMinutes',
      Dimensions: [{ Name: 'stage', Value: 'test' }],
      Statistic: 'Maximum',
      Period: 14_400,
      Threshold: 90,
      TreatMissingData: 'notBreaching',
    });
  });

  test('watch the spend of the pipeline by its own metric, and that of readers by that of AWS', () => {
    const metricOf = (use: string) => {
      const { Namespace: namespace, MetricName: name, Threshold: threshold } = alarms.get(`spend-of-${use}`) ?? {};
      return [namespace, name, threshold];
    };
    expect(metricOf('etl')).toEqual(['Callhouse', 'ScannedBytes', 200_000_000_000]);
    expect(metricOf('bi')).toEqual(['AWS/Athena', 'ProcessedBytes', 200_000_000_000]);
  });
});
