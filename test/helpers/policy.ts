import { type Resource, spell } from './infra.ts';

/** One statement of a policy; each part is a list of strings. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: unknown;
  /** Logical id of the resource whose policy it is. */
  readonly in: string;
}

const DOCUMENTS = ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument', 'ResourcePolicy'];

/** Every statement of every policy among the resources: of roles, keys, buckets, queues and topics. */
export function statementsOf(resources: Readonly<Record<string, Resource>>): readonly Statement[] {
  return Object.entries(resources).flatMap(([id, { Properties = {} }]) => [
    ...DOCUMENTS.flatMap((name) => readDocument(id, Properties[name])),
    ...list(Properties['Policies']).flatMap((policy) =>
      readDocument(id, (policy as Record<string, unknown>)['PolicyDocument']),
    ),
  ]);
}

/** True where one of the statements allows the action on the resource, and none denies it; it assumes that all conditions are met. */
export function allows(statements: readonly Statement[], action: string, resource: string): boolean {
  const hits = statements.filter(({ actions, resources }) => matches(actions, action) && matches(resources, resource));
  return hits.some(({ effect }) => effect === 'Allow') && !hits.some(({ effect }) => effect === 'Deny');
}

function matches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => globOf(pattern).test(text));
}

function globOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function readDocument(id: string, document: unknown): Statement[] {
  const statements = list((document as Record<string, unknown> | undefined)?.['Statement']) as Record<
    string,
    unknown
  >[];
  return statements.map((statement) => ({
    effect: String(statement['Effect']),
    actions: list(statement['Action']).map(spell),
    resources: list(statement['Resource']).map(spell),
    condition: statement['Condition'],
    in: id,
  }));
}

function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
