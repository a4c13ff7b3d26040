import { describe, expect, test } from 'vitest';
import type { SourceInfo } from '../../infra/config.ts';
import { text } from '../../schemas/column.ts';
import { defineTable } from '../../schemas/table.ts';
import { makeStage, ofType, type Resource, resourcesOf } from '../helpers/infra.ts';

const all = (resources: Readonly<Record<string, Resource>>, type: string) =>
  ofType(resources, type).map(([, { Properties }]) => Properties);

describe('a fifth vendor', () => {
  test('is deployed with its tables, secrets, Lambdas and schedules once it is declared', async () => {
    const id = text({ path: 'id', nullable: false, doc: 'Id of the call.' });
    const table = defineTable({
      name: 'nova_calls',
      source: 'nova',
      doc: 'One row per call.',
      key: ['id'],
      columns: { id },
    });
    const nova = {
      name: 'nova',
      credentials: ['NOVA_KEY'],
      streams: { calls: { tables: [table] } },
    } as unknown as SourceInfo;
    const { stacks } = await makeStage({ sources: { nova: { accounts: ['north', 'south'] } } }, [nova]);
    const made = resourcesOf(stacks.pipeline);
    expect(ofType(made, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties['FunctionName'])).toContain(
      'callhouse-test-extract-nova-south',
    );
    expect(all(made, 'AWS::Scheduler::Schedule').map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(['callhouse-test-extract-nova-north', 'callhouse-test-extract-nova-south']),
    );
    const secret = ofType(made, 'AWS::SecretsManager::Secret')[0]?.[1].Properties;
    expect(secret).toMatchObject({ Name: 'callhouse/test/nova/north', SecretString: '{"NOVA_KEY":"REPLACE_ME"}' });
    const catalog = JSON.stringify(resourcesOf(stacks.data));
    expect(catalog.match(/"Name":"nova_calls"/g)).toHaveLength(3);
  });
});
