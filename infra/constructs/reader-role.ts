import { Duration } from 'aws-cdk-lib';
import { AccountRootPrincipal, ArnPrincipal, CompositePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { OwnPolicy } from './own-policy.ts';
import type { Grant } from './statements.ts';

export interface ReaderRoleProps {
  readonly doc: string;
  /** ARNs of principals that may assume the role. @default any principal that an IAM policy of the account allows to */
  readonly assumedBy?: readonly string[] | undefined;
  readonly grants: readonly Grant[];
}

/** A role for people and BI tools. */
export class ReaderRole extends Role {
  constructor(scope: Construct, id: string, { doc, assumedBy, grants }: ReaderRoleProps) {
    const principals = assumedBy?.map((arn) => new ArnPrincipal(arn)) ?? [new AccountRootPrincipal()];
    super(scope, id, {
      description: doc,
      assumedBy: new CompositePrincipal(...principals),
      maxSessionDuration: Duration.hours(8),
    });
    new OwnPolicy(this, 'Policy', this, grants);
  }
}
