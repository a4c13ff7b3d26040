import type { ExitCode } from '../../../functions/errors.ts';
import type { LoadResult } from '../../../functions/results.ts';
import type { AccountBackfill } from './backfill-account.ts';

/** What a backfill did, as `--json` prints it. */
export interface BackfillResult {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** Absolute, or the bucket. */
  readonly dataDir: string;
  readonly sources: readonly AccountBackfill[];
  /** Null where the stage's own loader loads it. */
  readonly load: LoadResult | null;
  readonly exitCode: ExitCode;
}
