import { describe, expect, test } from 'vitest';
import { makeStage, ofType, type Resource, resourcesOf } from '../helpers/infra.ts';

/** Who may assume the roles of readers, in a stage with these settings. */
async function rolesOf(given: object = {}) {
  const data = resourcesOf((await makeStage(given)).stacks.data);
  return (start: string): Resource['Properties'] | undefined =>
    ofType(data, 'AWS::IAM::Role').find(([id]) => id.startsWith(start))?.[1].Properties;
}

describe('who may assume the roles of readers', () => {
  test('is for health data who signed in with a second factor, for an hour', async () => {
    const role = (await rolesOf())('ReadersPhi');
    expect(role?.['MaxSessionDuration']).toBe(3600);
    expect(role).toHaveProperty('AssumeRolePolicyDocument.Statement', [
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:user/records' },
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      },
    ]);
  });

  test('is nobody for health data by default, and without the condition who cannot say so', async () => {
    const arn = 'arn:aws:iam::111122223333:role/Federated';
    const nobody = await rolesOf({ readers: {} });
    expect(nobody('ReadersPhi')).toBeUndefined();
    expect(nobody('ReadersBi')).toBeDefined();
    const federated = await rolesOf({ readers: { phi: [{ arn, mfa: false }] } });
    expect(federated('ReadersPhi')).toHaveProperty('AssumeRolePolicyDocument.Statement', [
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { AWS: arn } },
    ]);
  });
});
