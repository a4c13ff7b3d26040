import type { ExitCode } from '../../../functions/errors.ts';
import type { LoadResult } from '../../../functions/results.ts';
import type { AccountBackfill } from './backfill-account.ts';

/** Result of a backfill, as `--json` prints it. */
export interface BackfillResult {
  readonly at: string;
  readonly from: string;
  readonly to: string;
  /** Absolute folder, or the bucket. */
  readonly dataDir: string;
  readonly sources: readonly AccountBackfill[];
  /** Null if the loader of a stage loads it later. */
  readonly load: LoadResult | null;
  readonly exitCode: ExitCode;
}
