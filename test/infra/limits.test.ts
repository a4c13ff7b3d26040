import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeStage, ofType, type Resource, resourcesOf, spell } from '../helpers/infra.ts';
import { statementsOf } from '../helpers/policy.ts';

/** Characters of each policy of a role. */
function policyLengths(resources: Readonly<Record<string, Resource>>): readonly [string, number][] {
  const isReference = (value: object) =>
    Object.keys(value).length === 1 && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? '');
  return ofType(resources, 'AWS::IAM::ManagedPolicy').map(([id, { Properties }]) => {
    const written = (_: string, value: unknown) =>
      typeof value === 'object' && value && isReference(value) ? spell(value) : value;
    return [id, JSON.stringify(Properties['PolicyDocument'], written).length];
  });
}

test('policies are within the 6,144 characters that IAM accepts, also with the longest names', async () => {
  const accounts = [`clinic_${'0'.repeat(24)}`];
  const { stacks } = await makeStage({ sources: { kismet: { accounts } }, databasePrefix: 'c'.repeat(40) });
  const pipeline = resourcesOf(stacks.pipeline);
  const lengths = policyLengths(pipeline);
  for (const [id, length] of policyLengths(resourcesOf(stacks.data))) expect(length, id).toBeLessThan(6144);
  for (const [id, length] of lengths) expect(length, id).toBeLessThan(6144);
  const [ofExtractor, further] = lengths.map(([id]) => id).filter((id) => id.startsWith('kismet'));
  expect(further).toContain('Further1');
  // The Lambda waits for all of them: without its rights it could not be created.
  const lambda = ofType(pipeline, 'AWS::Lambda::Function').find(([id]) => id.startsWith('kismet'))?.[1];
  expect(lambda?.['DependsOn']).toEqual(expect.arrayContaining([ofExtractor, further]));
});

test('a stage of 68 accounts is within the limits of IAM and CloudFormation', { timeout: 120_000 }, async () => {
  const accounts = Array.from({ length: 68 }, (_, n) => `clinic_${String(n).padStart(24, '0')}`);
  const { app, stacks } = await makeStage({ sources: { kalem: { accounts } } });
  const pipeline = resourcesOf(stacks.pipeline);
  for (const [id, length] of policyLengths(pipeline)) expect(length, id).toBeLessThan(6144);
  const invokable = ofType(pipeline, 'AWS::IAM::ManagedPolicy').filter(([id]) => id.startsWith('SchedulerPolicy'));
  const named = statementsOf(Object.fromEntries(invokable)).flatMap(({ resources }) => resources);
  expect(named.filter((resource) => resource.includes(':function:'))).toHaveLength(70);
  const written = app.synth().getStackByName('Callhouse-test-Pipeline').templateFullPath;
  expect(statSync(written).size).toBeLessThan(1_000_000);
});

test('settings that are too long for the environment of a Lambda are refused before anything is deployed', async () => {
  const words = Array.from({ length: 250 }, (_, n) => `language number ${n}`);
  const sources = { kalem: {}, solum: { safeValues: { 'solum_calls.language': words } } };
  await expect(makeStage({ sources })).rejects.toThrow(
    /Lambda callhouse-test-extract-solum-default take \d{4} bytes, and AWS allows 4096; shorten .*safeValues/,
  );
});

test('the loader and the maintenance have room for what each source hides, because they do not get it', async () => {
  const words = Array.from({ length: 120 }, (_, n) => `language number ${n}`);
  const safe = (column: string) => ({ safeValues: { [column]: words }, ownUserIds: ['4711'] });
  const { stacks } = await makeStage({
    sources: { solum: safe('solum_calls.language'), kalem: safe('kalem_calls.hangup_cause') },
    report: { publish: true },
  });
  const variables = ofType(resourcesOf(stacks.pipeline), 'AWS::Lambda::Function').map(([id, { Properties: of }]) => {
    const { CALLHOUSE_SETTINGS: settings } = (of['Environment'] as { Variables: Record<string, string> }).Variables;
    return [id.replace(/Function.*/, ''), JSON.parse(settings ?? '').sources];
  });
  const own = { ownUserIds: ['4711'] };
  expect(Object.fromEntries(variables)).toMatchObject({
    WarehouseLoad: {},
    WarehouseMaintain: { solum: own, kalem: own },
  });
  expect(JSON.stringify(variables.filter(([id]) => String(id).startsWith('Warehouse')))).not.toContain('language');
});
