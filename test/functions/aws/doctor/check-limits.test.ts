import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkLimits } from '../../../../functions/aws/doctor/check-limits.ts';
import { doctorAws } from '../../../../functions/aws/doctor/doctor-aws.ts';
import type { DoctorOptions } from '../../../../functions/aws/doctor/doctor-check.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { type AthenaServer, startAthenaServer } from '../../../helpers/athena-server.ts';

let aws: AthenaServer;
let kalem: Source;
beforeAll(async () => {
  [aws, kalem] = await Promise.all([startAthenaServer(), findSource('kalem')]);
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = aws.url;
  process.env['AWS_ENDPOINT_URL_ATHENA'] = aws.url;
});
afterAll(() => aws.close());

/** A stage with three Lambdas, in an AWS account that allows so many executions at a time. */
function stageIn(all: number, free: number, more: Partial<DoctorOptions> = {}): DoctorOptions {
  aws.answers['GetAccountSettings'] = () => ({
    AccountLimit: { ConcurrentExecutions: all, UnreservedConcurrentExecutions: free },
  });
  return {
    stage: 'dev',
    sources: [kalem],
    accounts: { kalem: ['default'] },
    now: () => 0,
    client: { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } },
    ...more,
  };
}

async function look(...stage: Parameters<typeof stageIn>) {
  const [concurrency, memory] = await checkLimits(stageIn(...stage));
  return { concurrency, memory };
}

const NINE = { accounts: { kalem: ['default', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] } };
const RESERVED = { reservedConcurrency: true };

describe('checkLimits', () => {
  test.each<readonly [string, number, number, Partial<DoctorOptions>, boolean, RegExp | undefined]>([
    ['3 of 10', 10, 10, {}, true, undefined],
    ['11 of 10', 10, 10, NINE, true, /^10 of the account's 10 .* the stage's 11 Lambdas .* Service Quotas/],
    ['11 of 11', 11, 11, NINE, true, undefined],
    ['3 where others reserved all but 2', 1000, 2, {}, true, /^2 of the account's 1000 /],
    ['3 reserved of 10', 10, 10, RESERVED, false, /set reservedConcurrency to false/],
    ['3 reserved of 12', 12, 12, RESERVED, false, /allows 12, .* would reserve 3/],
    ['3 reserved of 13', 13, 10, RESERVED, true, undefined],
  ])('compares the Lambdas with those that the account lets run: %s', async (_what, all, free, more, ok, remedy) => {
    const { concurrency } = await look(all, free, more);
    expect(concurrency?.ok).toBe(ok);
    expect(concurrency?.remedy).toEqual(remedy && expect.stringMatching(remedy));
  });

  test('warns where the number of Lambdas may not be asked', async () => {
    aws.faults = [{ name: 'GetAccountSettings', type: 'AccessDeniedException' }];
    const { concurrency } = await look(10, 10);
    expect(concurrency).toMatchObject({
      ok: true,
      remedy: expect.stringContaining('(AccessDeniedException); allow lambda:GetAccountSettings'),
    });
  });

  test.each([
    [3008, undefined],
    [3009, expect.stringMatching(/ask for 3009 MB; new accounts allow 3008/)],
  ])('warns of memory that a new account does not allow: %i MB', async (memoryMb, remedy) => {
    const { memory } = await look(10, 10, { memoryMb });
    expect([memory?.ok, memory?.remedy]).toEqual([true, remedy]);
  });

  test('is part of the doctor before a stage is deployed', async () => {
    aws.faults = [{ name: 'GetWorkGroup', type: 'InvalidRequestException' }];
    const checks = await doctorAws(stageIn(10, 10, { ...RESERVED, memoryMb: 4096 }));
    expect(checks.map(({ check, ok, remedy }) => [check, ok, remedy !== undefined])).toEqual([
      ['workgroup callhouse-dev-etl', false, true],
      ['concurrent Lambdas of the account', false, true],
      ['memory of the Lambdas', true, true],
      [expect.stringContaining('Business Associate Addendum'), true, false],
    ]);
    expect(checks[0]?.remedy).toMatch(/npm run cdk -- deploy --all -c stage=dev/);
  });
});
