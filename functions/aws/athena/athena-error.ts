import type { QueryExecution } from '@aws-sdk/client-athena';
import { CallhouseError, CredentialsError, SqlError, StorageError, UnfinishedError } from '../../errors.ts';
import { describeFault, faultOf, isCredentialFault } from '../sdk-errors.ts';

/** Why a statement failed. */
export interface Failure {
  /** Athena's error code, such as `TABLE_NOT_FOUND`; `UNKNOWN` if the text contains none. */
  readonly code: string;
  /** Athena's own message. It may quote data, so it must not be shown unless {@link athenaError} recognizes it. */
  readonly text: string;
  /** Athena's own judgement, if it gives one. */
  readonly retryable?: boolean | undefined;
}

/**
 * Codes after which the same statement may succeed: another writer committed to the table first, or a part of Athena was
 * unavailable.
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/error-reference.html}
 */
const PASSING =
  /^(ICEBERG_COMMIT_ERROR|ICEBERG_(VACUUM|OPTIMIZE)_MORE_RUNS_NEEDED|CLUSTER_OUT_OF_MEMORY|NO_NODES_AVAILABLE|REMOTE_|PAGE_TRANSPORT_|SERVER_|TOO_MANY_REQUESTS_FAILED|HIVE_METASTORE_ERROR|ICEBERG_CATALOG_ERROR)/;
/** Messages with a position in the statement come from parsing or analysis, before any data is read, so they quote no data. */
const ABOUT_THE_STATEMENT =
  /line \d+:\d+: |mismatched input|no viable alternative|extraneous input|Queries of this type are not supported/;
const ABOUT_A_VALUE =
  /^(INVALID_CAST_ARGUMENT|INVALID_FUNCTION_ARGUMENT|DIVISION_BY_ZERO|NUMERIC_VALUE_OUT_OF_RANGE|INVALID_LITERAL|SUBQUERY_MULTIPLE_ROWS)$/;
/** Codes whose message names tables, columns or types only. */
const ABOUT_NAMES =
  /^(TABLE|SCHEMA|COLUMN|CATALOG|FUNCTION|VIEW)_NOT_FOUND$|^MISSING_|^SYNTAX_ERROR$|^TYPE_MISMATCH$|^VIEW_IS_/;

/** Why an execution failed; undefined if it succeeded. */
export function failureOf({ Status: status }: QueryExecution): Failure | undefined {
  if (status?.State === 'SUCCEEDED') return undefined;
  const text = status?.StateChangeReason ?? status?.AthenaError?.ErrorMessage ?? '';
  const code = /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/.exec(text)?.[1] ?? 'UNKNOWN';
  if (status?.State === 'CANCELLED') return { code: 'CANCELLED', text };
  return { code, text, retryable: status?.AthenaError?.Retryable };
}

/** True if the same statement may succeed when it is run again. */
export function isPassing({ code, retryable = false }: Failure): boolean {
  return retryable || PASSING.test(code);
}

/**
 * Turns a failed statement or request into an error that says what to do. It quotes Athena only if the message is about the
 * statement itself.
 * @param failure a {@link Failure}, or what the SDK threw
 * @param id the execution, which messages name
 * @returns the error to throw; a bug is returned unchanged
 */
export function athenaError(failure: unknown, id?: string): unknown {
  if (failure instanceof CallhouseError) return failure;
  if (failure instanceof Error) return requestError(failure);
  const { code, text } = failure as Failure;
  const execution = id === undefined ? '' : `; execution ${id}`;
  if (ABOUT_THE_STATEMENT.test(text) || ABOUT_NAMES.test(code)) return new SqlError(oneLine(text) || code);
  if (ABOUT_A_VALUE.test(code))
    return new SqlError(`${code}: a value does not fit the expression (the value is not shown)`);
  if (/bytes scanned limit/i.test(text)) {
    return new StorageError(
      `the statement would scan more than its workgroup allows; narrow it, or raise athena.etlCutoffGb or athena.readerCutoffGb${execution}`,
    );
  }
  if (code.endsWith('_MORE_RUNS_NEEDED'))
    return new UnfinishedError(`the statement did a part of its work in Athena (${code}); run it again to continue`);
  if (code === 'CANCELLED') return new StorageError(`the statement was cancelled in Athena; run it again${execution}`);
  if (/access ?denied|permission|not authorized/i.test(text)) {
    return new StorageError(`Athena was denied access to tables, files or keys; check the role's policy${execution}`);
  }
  return new StorageError(
    `the statement failed in Athena (${code}); see its query history in the Athena console${execution}`,
  );
}

function requestError(error: Error): unknown {
  const fault = faultOf(error);
  if (fault === undefined) return error;
  if (isCredentialFault(fault))
    return new CredentialsError(`AWS refused the credentials; sign in again (${fault.code})`);
  if (fault.code === 'InvalidRequestException') {
    if (ABOUT_THE_STATEMENT.test(fault.message)) return new SqlError(oneLine(fault.message));
    return new StorageError('Athena refused the request; check that the workgroup exists and has an output location');
  }
  if (/AccessDenied/.test(fault.code))
    return new StorageError('Athena denied access; the role needs this action on the workgroup (AccessDenied)');
  return new StorageError(`the request to Athena failed: ${describeFault(fault)} (${fault.code})`);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
