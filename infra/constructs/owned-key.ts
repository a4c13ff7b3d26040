import type { RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Actions on the key that IAM policies of the account may allow. We list them because `kms:*` would include actions that AWS adds later. */
const ACCOUNT_ACTIONS = [
  ...['DescribeKey', 'GetKeyPolicy', 'GetKeyRotationStatus', 'ListGrants', 'ListKeyPolicies', 'ListKeyRotations'],
  ...[
    'ListResourceTags',
    'CreateAlias',
    'DeleteAlias',
    'UpdateAlias',
    'UpdateKeyDescription',
    'EnableKey',
    'DisableKey',
  ],
  ...['EnableKeyRotation', 'DisableKeyRotation', 'RotateKeyOnDemand', 'PutKeyPolicy', 'ScheduleKeyDeletion'],
  ...['CancelKeyDeletion', 'TagResource', 'UntagResource', 'CreateGrant', 'RetireGrant', 'RevokeGrant'],
  ...['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'],
].map((action) => `kms:${action}`);

export interface OwnedKeyProps {
  readonly alias: string;
  readonly description: string;
  readonly removalPolicy: RemovalPolicy;
  /** Statements for AWS services that use the key as a service principal. @default none */
  readonly services?: readonly PolicyStatement[] | undefined;
}

/** A KMS key with yearly rotation, usable only through IAM policies of this account and by the given services. */
export class OwnedKey extends Key {
  constructor(scope: Construct, id: string, { alias, description, removalPolicy, services = [] }: OwnedKeyProps) {
    const account = new PolicyStatement({
      sid: 'AccountPolicies',
      principals: [new AccountRootPrincipal()],
      actions: ACCOUNT_ACTIONS,
      resources: ['*'],
    });
    const policy = new PolicyDocument({ statements: [account, ...services] });
    super(scope, id, { alias, description, removalPolicy, policy, enableKeyRotation: true });
  }
}
