import type { QueryExecution } from '@aws-sdk/client-athena';
import { CallhouseError, CredentialsError, SqlError, StorageError } from '../../errors.ts';
import { describeFault, faultOf, isCredentialFault } from '../sdk-errors.ts';

/** Why a statement did not succeed. */
export interface Failure {
  /** Athena's name of it, `UNKNOWN` where it gives none. */
  readonly code: string;
  /** Athena's own words, which may quote data. */
  readonly text: string;
  readonly retryable?: boolean;
}

/** Another writer committed to the table first, or a part of Athena was not there: the same statement may succeed. */
const PASSING =
  /^(ICEBERG_COMMIT_ERROR|ICEBERG_(VACUUM|OPTIMIZE)_MORE_RUNS_NEEDED|CLUSTER_OUT_OF_MEMORY|NO_NODES_AVAILABLE|REMOTE_|PAGE_TRANSPORT_|SERVER_|TOO_MANY_REQUESTS_FAILED|HIVE_METASTORE_ERROR|ICEBERG_CATALOG_ERROR)/;
/** Places in the statement stand only in what was found before any data was read. */
const ABOUT_THE_STATEMENT =
  /line \d+:\d+: |mismatched input|no viable alternative|extraneous input|Queries of this type are not supported/;
const ABOUT_A_VALUE =
  /^(INVALID_CAST_ARGUMENT|INVALID_FUNCTION_ARGUMENT|DIVISION_BY_ZERO|NUMERIC_VALUE_OUT_OF_RANGE|INVALID_LITERAL|SUBQUERY_MULTIPLE_ROWS)$/;
const NOT_THERE =
  /^(TABLE|SCHEMA|COLUMN|CATALOG|FUNCTION|VIEW)_NOT_FOUND$|^MISSING_|^SYNTAX_ERROR$|^TYPE_MISMATCH$|^VIEW_IS_/;

/** Why the execution failed, undefined where it succeeded. */
export function failureOf({ Status: status }: QueryExecution): Failure | undefined {
  if (status?.State === 'SUCCEEDED') return undefined;
  const text = status?.StateChangeReason ?? status?.AthenaError?.ErrorMessage ?? '';
  const code = /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/.exec(text)?.[1] ?? 'UNKNOWN';
  if (status?.State === 'CANCELLED') return { code: 'CANCELLED', text };
  return { code, text, retryable: status?.AthenaError?.Retryable };
}

/** The same statement may succeed if it is run again. */
export function isPassing({ code, retryable = false }: Failure): boolean {
  return retryable || PASSING.test(code);
}

/** A failed statement or request as its owner can act on it; Athena's words only where they tell of the statement alone. */
export function athenaError(failure: unknown, id?: string): unknown {
  if (failure instanceof CallhouseError) return failure;
  if (failure instanceof Error) return requestError(failure);
  const { code, text } = failure as Failure;
  const where = id === undefined ? '' : `; execution ${id}`;
  if (ABOUT_THE_STATEMENT.test(text) || NOT_THERE.test(code)) return new SqlError(oneLine(text) || code);
  if (ABOUT_A_VALUE.test(code))
    return new SqlError(`${code}: a value does not fit the expression (the value is not shown)`);
  if (/bytes scanned limit/i.test(text)) {
    return new StorageError(
      `the statement would scan more than its workgroup allows; narrow it, or raise the cutoff${where}`,
    );
  }
  if (code === 'CANCELLED') return new StorageError(`the statement was cancelled${where}`);
  if (/access ?denied|permission|not authorized/i.test(text)) {
    return new StorageError(`Athena is denied access to tables, files or keys; see the role's policy${where}`);
  }
  return new StorageError(`the statement failed in Athena (${code}); Athena's console tells more${where}`);
}

function requestError(error: Error): unknown {
  const fault = faultOf(error);
  if (fault === undefined) return error;
  if (isCredentialFault(fault))
    return new CredentialsError(`AWS refuses the credentials; sign in again (${fault.code})`);
  if (fault.code === 'InvalidRequestException') {
    if (ABOUT_THE_STATEMENT.test(fault.message)) return new SqlError(oneLine(fault.message));
    return new StorageError(
      'Athena refuses the request; check that the workgroup is there and names a place for results',
    );
  }
  if (/AccessDenied/.test(fault.code))
    return new StorageError('Athena denies access; the role needs this action on the workgroup (AccessDenied)');
  return new StorageError(`Athena cannot be asked: ${describeFault(fault)} (${fault.code})`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
