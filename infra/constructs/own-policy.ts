import { ManagedPolicy, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledgements.ts';
import type { Grant } from './statements.ts';

/** The only policy of a role: it grants everything that the role may do. */
export class OwnPolicy extends ManagedPolicy {
  constructor(scope: Construct, id: string, role: Role, grants: readonly Grant[]) {
    super(scope, id, { roles: [role], statements: grants.map(({ statement }) => statement) });
    acknowledgeWildcards(this, grants);
  }
}
