import type { AthenaClientConfig } from '@aws-sdk/client-athena';
import type { Source } from '../../source/source.ts';

/** The result of one check. */
export interface DoctorCheck {
  /** What was checked. */
  readonly check: string;
  readonly ok: boolean;
  /** The command or change that repairs it. */
  readonly remedy?: string;
}

/** The stage to check. All names follow from the stage's, see `names.ts`. */
export interface DoctorOptions {
  readonly stage: string;
  readonly sources: readonly Source[];
  /** Accounts by source; a source that is not listed is not deployed. */
  readonly accounts: Readonly<Record<string, readonly string[]>>;
  readonly databasePrefix?: string;
  /** @default the bucket to which the workgroup writes its results */
  readonly bucket?: string;
  /** Who may read health data, as the settings say. @default nobody */
  readonly phiReaders?: readonly { readonly arn: string; readonly mfa: boolean }[] | undefined;
  /** Most memory that the settings give a Lambda of the stage, MB. @default one that every AWS account allows */
  readonly memoryMb?: number;
  /** Whether each Lambda reserves an execution of the account's. @default false */
  readonly reservedConcurrency?: boolean;
  /** The clock, ms. */
  readonly now: () => number;
  /** Region, endpoint and credentials of every client. @default those of the environment */
  readonly client?: Pick<AthenaClientConfig, 'region' | 'endpoint' | 'credentials'>;
}
