import { expect, test } from 'vitest';
import { makeStage, ofType, pick, resourcesOf } from '../helpers/infra.ts';

test('staged files are deleted by the maintenance, and by a rule only a year later', async () => {
  const { stacks } = await makeStage({ sources: { kalem: {} }, retention: { stagingDays: 45 } });
  const rules = ofType(resourcesOf(stacks.data), 'AWS::S3::Bucket').flatMap(([, { Properties: of }]) =>
    pick<{ Prefix?: string; ExpirationInDays?: number }[]>(of, 'LifecycleConfiguration.Rules'),
  );
  expect(rules.filter(({ Prefix: prefix }) => prefix === 'staging/')).toMatchObject([{ ExpirationInDays: 45 + 365 }]);
  const lambdas = ofType(resourcesOf(stacks.pipeline), 'AWS::Lambda::Function').map(([, { Properties: of }]) => of);
  const days = lambdas.map((of) => [
    String(of['FunctionName']).replace('callhouse-test-', ''),
    pick(of, 'Environment.Variables.CALLHOUSE_STAGING_DAYS'),
  ]);
  expect(Object.fromEntries(days)).toEqual({ 'extract-kalem-default': undefined, load: undefined, maintain: '45' });
});
