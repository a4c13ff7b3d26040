import { beforeAll, describe, expect, test } from 'vitest';
import { readMaintainEnv } from '../../functions/aws/lambda/lambda-env.ts';
import { REPORT_KEY } from '../../functions/maintain/publish-report.ts';
import { makeStage, ofType, pick, resourcesOf, spell, type TestStage } from '../helpers/infra.ts';
import { statementsOf } from '../helpers/policy.ts';

const closedDays = Array.from(
  { length: 60 },
  (_, n) => `20${String(30 - (n % 10))}-01-${String(1 + (n % 28)).padStart(2, '0')}`,
);

/** Environment of the maintenance, with references spelled. */
function maintainEnv({ stacks }: TestStage): Readonly<Record<string, string>> {
  const lambdas = ofType(resourcesOf(stacks.pipeline), 'AWS::Lambda::Function');
  const found = lambdas.find(([, { Properties }]) => Properties['FunctionName'] === 'callhouse-test-maintain');
  const variables = pick<Record<string, unknown>>(found?.[1].Properties, 'Environment.Variables');
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, spell(value)]));
}

describe("the manager's page on AWS", () => {
  let without: TestStage;
  let published: TestStage;
  beforeAll(async () => {
    without = await makeStage();
    published = await makeStage({
      ...{ timeZone: 'America/New_York', openingHours: { mon: ['08:00-18:00'] }, followUpTargetDays: 5, closedDays },
      report: { publish: true, title: 'Harborview', minimumCell: 11 },
    });
  });

  /** True if a policy allows the action on what the page is below; each stack refers to the bucket in another way. */
  const mayAt = ({ stacks }: TestStage, policy: RegExp, action: string) =>
    [stacks.data, stacks.pipeline]
      .flatMap((stack) => statementsOf(resourcesOf(stack)))
      .filter((one) => policy.test(one.in) && one.actions.includes(action))
      .some(({ resources }) => resources.some((resource) => /safe.*\/report\/\*$/i.test(resource)));

  test('is written by the maintenance, and read by readers, only if the stage says so', () => {
    for (const [stage, is] of [
      [without, false],
      [published, true],
    ] as const) {
      expect(mayAt(stage, /^WarehouseMaintain/, 's3:PutObject')).toBe(is);
      expect(mayAt(stage, /^ReadersBi/, 's3:GetObject')).toBe(is);
      expect(mayAt(stage, /^ReadersBi/, 's3:PutObject')).toBe(false);
      expect(mayAt(stage, /^WarehouseLoad/, 's3:PutObject')).toBe(false);
      expect('CALLHOUSE_SAFE_BUCKET' in maintainEnv(stage)).toBe(is);
    }
  });

  test('is below the prefix that the policies name', () => {
    expect(REPORT_KEY).toMatch(/^report\//);
  });

  test('has the settings of the views, as many as the environment has room for', () => {
    const env = maintainEnv(published);
    const { settings, safeBucket } = readMaintainEnv(env);
    expect(safeBucket).toContain('safe');
    expect(settings).toMatchObject({
      ...{ timeZone: 'America/New_York', openingHours: { mon: ['08:00-18:00'] }, followUpTargetDays: 5 },
      report: { publish: true, title: 'Harborview', minimumCell: 11 },
    });
    expect(settings.closedDays).toEqual([...closedDays].sort().slice(-40));
    expect(Object.entries(env).join('').length).toBeLessThan(3500);
    expect(readMaintainEnv(maintainEnv(without)).settings).not.toHaveProperty('openingHours');
  });
});
