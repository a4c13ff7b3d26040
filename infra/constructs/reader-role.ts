import { Duration } from 'aws-cdk-lib';
import { AccountRootPrincipal, ArnPrincipal, CompositePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { OwnPolicy } from './own-policy.ts';
import type { Grant } from './statements.ts';

/** Who may assume a role. */
export interface Reader {
  readonly arn: string;
  /** Only after signing in with a second factor. */
  readonly mfa: boolean;
}

export interface ReaderRoleProps {
  readonly doc: string;
  /** @default any principal that an IAM policy of the account allows to */
  readonly assumedBy?: readonly Reader[] | undefined;
  /** Longest session. */
  readonly hours: number;
  readonly grants: readonly Grant[];
}

/** A role for people and BI tools. */
export class ReaderRole extends Role {
  constructor(scope: Construct, id: string, { doc, assumedBy, hours, grants }: ReaderRoleProps) {
    const principals = assumedBy?.map(principalOf) ?? [new AccountRootPrincipal()];
    super(scope, id, {
      description: doc,
      assumedBy: new CompositePrincipal(...principals),
      maxSessionDuration: Duration.hours(hours),
    });
    new OwnPolicy(this, 'Policy', this, grants);
  }
}

/** @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html} */
function principalOf({ arn, mfa }: Reader) {
  const principal = new ArnPrincipal(arn);
  return mfa ? principal.withConditions({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }) : principal;
}
