import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { tablesOf } from '../../functions/load/plan.ts';
import { parseConfig, type SourceInfo, type StageSettings } from '../../infra/config.ts';
import { addStage, type StageStacks } from '../../infra/stage.ts';
import { databaseTablesOf } from '../../schemas/derive/database-tables.ts';
import { addFieldIds, type FieldIds } from '../../schemas/derive/field-ids.ts';
import { vendorSources } from './vendors.ts';

export type Resource = { readonly Type: string; readonly Properties: Record<string, unknown> } & Record<
  string,
  unknown
>;

/** One stage for tests: it bundles no Lambda and reads no environment. */
export interface TestStage {
  readonly app: App;
  readonly settings: StageSettings;
  readonly stacks: StageStacks;
}

/** With somebody who may read health data, so that there is a role for it. */
const PHI_READERS = { phi: [{ arn: 'arn:aws:iam::111122223333:user/records' }] };

const root = new URL('../../', import.meta.url);

/** A file of the project, parsed. */
export function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, root), 'utf8')) as T;
}

/** Builds a stage of the four vendors, or of the sources in the settings given; `more` are additional sources. */
export async function makeStage(given: object = {}, more: readonly SourceInfo[] = []): Promise<TestStage> {
  const { context } = readJson<{ context: Record<string, unknown> }>('cdk.json');
  const outdir = mkdtempSync(path.join(tmpdir(), 'synth-'));
  // `npm run synth` runs the CDK's own rules; here they would take most of the time.
  const builtinCloudFormationValidation = false;
  const app = new App({
    context: { ...context, 'aws:cdk:bundling-stacks': [] },
    outdir,
    builtinCloudFormationValidation,
  });
  const sources = [...(await vendorSources()), ...more];
  const named = Object.fromEntries(sources.map(({ name }) => [name, {}]));
  const settings = parseConfig({ stages: { test: { sources: named, readers: PHI_READERS, ...given } } }, sources)[
    'test'
  ];
  if (!settings) throw new Error('the stage test is not there');
  const fieldIds = addFieldIds(readJson<FieldIds>('schemas/field-ids.json'), databaseTablesOf(tablesOf(sources)));
  return { app, settings, stacks: addStage(app, 'test', { settings, sources, fieldIds }) };
}

/** All resources of a stack by logical id. */
export function resourcesOf(stack: Stack): Readonly<Record<string, Resource>> {
  return Template.fromStack(stack).toJSON()['Resources'];
}

/** Resources of one type. */
export function ofType(resources: Readonly<Record<string, Resource>>, type: string): readonly [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

/** The value at a dotted path. */
export function pick<T = unknown>(value: unknown, path: string): T {
  return path.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], value) as T;
}

/** A value of a template as text: references in angle brackets, joins joined. */
export function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const node = value as Record<string, unknown>;
  if (Array.isArray(node['Fn::Join']))
    return (node['Fn::Join'][1] as unknown[]).map(spell).join(node['Fn::Join'][0] as string);
  if (Array.isArray(node['Fn::GetAtt'])) return `<${node['Fn::GetAtt'].join('.')}>`;
  if (typeof node['Ref'] === 'string') return `<${node['Ref']}>`;
  const output = node['Fn::GetStackOutput'] as { OutputName: string } | undefined;
  return output ? `<${output.OutputName}>` : JSON.stringify(value);
}
