import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { Grant } from './statements.ts';

/**
 * Characters of a policy; IAM accepts 6,144, and the text around the statements has some.
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html}
 */
const LONGEST = 6000;
/** The length that a reference to another resource is counted with. An ARN has about as many characters. */
const REFERENCE = '-'.repeat(80);

/** The only policy of a role: it grants everything that the role may do. If its statements exceed the limit of one policy, the rest is in child policies. */
export class OwnPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, role: Role, grants: readonly Grant[]) {
    const [own = [], ...further] = fitting(scope, grants);
    super(scope, id, { roles: [role], statements: own.map(({ statement }) => statement) });
    acknowledgeWildcards(this, own);
    for (const [index, others] of further.entries()) {
      const statements = others.map(({ statement }) => statement);
      acknowledgeWildcards(new ManagedPolicy(this, `Further${index + 1}`, { roles: [role], statements }), others);
    }
  }
}

/** Grants in their order, divided so that each part fits into a policy. */
function fitting(scope: Construct, grants: readonly Grant[]): readonly (readonly Grant[])[] {
  const parts: Grant[][] = [];
  let room = 0;
  for (const grant of grants) {
    const length = lengthOf(scope, grant);
    if (length > room) {
      parts.push([]);
      room = LONGEST;
    }
    room -= length;
    parts.at(-1)?.push(grant);
  }
  return parts;
}

/** Characters of a statement in a policy, as long as it may become once CloudFormation knows account, region and resources. */
function lengthOf(scope: Construct, { statement }: Grant): number {
  const resolved: unknown = Stack.of(scope).resolve(statement.toStatementJson());
  return JSON.stringify(resolved, (_, value: unknown) => written(value)).length + 1;
}

function written(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [[name = '', content] = [], ...others] = Object.entries(value);
  if (others.length > 0 || !/^(Ref|Fn::)/.test(name)) return value;
  if (name === 'Fn::Join') return (content as [string, unknown[]])[1].map(written).join('');
  // `AWS::Region` and the like have values of about that length.
  return name === 'Ref' && String(content).startsWith('AWS::') ? content : REFERENCE;
}
