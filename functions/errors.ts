import type { ErrorContext } from './ports.ts';

/** Exit code of the command line; the README explains each. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/**
 * Base of all expected failures. The message says what went wrong, what was seen, what was expected and what to do; it never
 * contains a value of a record, a credential or a URL.
 */
export abstract class CallhouseError extends Error {
  abstract readonly exitCode: ExitCode;
  /** What the failure is about; the message begins with it. */
  readonly context: ErrorContext;

  constructor(message: string, context: ErrorContext = {}, options?: ErrorOptions) {
    super(`${prefix(context)}${message}`, options);
    this.context = context;
  }

  /** The message without what the failure is about. */
  get reason(): string {
    return this.message.slice(prefix(this.context).length);
  }
}

function prefix({ source, account, stream }: ErrorContext): string {
  if (!source) return '';
  return `${source}${stream ? `.${stream}` : ''}${account && account !== 'default' ? ` (${account})` : ''}: `;
}

/** A wrong argument, setting or environment variable. */
export class ConfigError extends CallhouseError {
  override readonly name: string = 'ConfigError';
  override readonly exitCode = 2;
}

/** The declaration of a source is wrong. Its vendor is left out, and the others run. */
export class DeclarationError extends ConfigError {
  override readonly name = 'DeclarationError';
}

/** A credential is missing, still the placeholder, or refused by the vendor. */
export class CredentialsError extends CallhouseError {
  override readonly name = 'CredentialsError';
  override readonly exitCode = 2;
}

/** The given SQL statement is wrong, or names a table or column that does not exist. */
export class SqlError extends CallhouseError {
  override readonly name = 'SqlError';
  override readonly exitCode = 2;
}

/** After all retries, the vendor still could not be reached, or answered 408, 425, 429 or 5xx. */
export class SourceUnavailableError extends CallhouseError {
  override readonly name = 'SourceUnavailableError';
  override readonly exitCode = 3;
}

/** The vendor's answer contradicts its document. */
export class ContractError extends CallhouseError {
  override readonly name: string = 'ContractError';
  override readonly exitCode = 4;
}

/** The vendor says that what was requested is wrong, does not exist, or has no content (204). */
export class RequestRefusedError extends ContractError {
  override readonly name: string = 'RequestRefusedError';
}

/** The vendor does not accept a parameter of a request (400, 422), such as the number of records per page. */
export class WrongRequestError extends RequestRefusedError {
  override readonly name = 'WrongRequestError';
}

/** The vendor answered 404: what was requested does not exist. */
export class NotFoundError extends RequestRefusedError {
  override readonly name = 'NotFoundError';
}

/** What a status below 500 says of a request. Others than these, as 402 or 451, may concern any request. */
export function refusalOf(status: number): typeof ContractError {
  if (status === 400 || status === 422) return WrongRequestError;
  return status === 410 || status === 416 ? RequestRefusedError : ContractError;
}

/** An answer has more bytes, values or levels than the memory of a small machine holds. A page of fewer records may fit. */
export class AnswerTooLargeError extends ContractError {
  override readonly name = 'AnswerTooLargeError';
}

/** Pages of a list are empty, and the vendor says that more follow. */
export class EmptyPagesError extends ContractError {
  override readonly name = 'EmptyPagesError';
}

/** Each time a list was read, it contained fewer records than its own, constant total. */
export class ShortListError extends ContractError {
  override readonly name = 'ShortListError';
}

/** So many records are missing from a vendor's list that their removal waits for a confirmation. */
export class HeldRemovalsError extends ContractError {
  override readonly name = 'HeldRemovalsError';
}

/** A stream lists its partitions by another stream, of which no record is known. Ends like the failure of that stream. */
export class ListUnavailableError extends CallhouseError {
  override readonly name = 'ListUnavailableError';
  override readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode, context: ErrorContext) {
    super(message, context);
    this.exitCode = exitCode;
  }
}

/** Saved state cannot be read back. */
export class StateError extends CallhouseError {
  override readonly name: string = 'StateError';
  override readonly exitCode = 4;
}

/** What is said of a stored file that cannot be read. */
export const IS_DAMAGED = 'is damaged; restore it or remove it, then run this again';
/** What is said of a stored file that this Node cannot decompress. */
export const NEEDS_ZSTD = 'is compressed with zstd, which this Node lacks; run this again with Node 22.15 or later';

/** The file format cannot hold a value without altering it. */
export class ValueRefusedError extends CallhouseError {
  override readonly name = 'ValueRefusedError';
  override readonly exitCode = 4;
}

/** The store or the warehouse failed. */
export class StorageError extends CallhouseError {
  override readonly name = 'StorageError';
  override readonly exitCode = 5;
}

/** Another program holds the warehouse. Staged files stay staged and are loaded later. */
export class WarehouseBusyError extends CallhouseError {
  override readonly name = 'WarehouseBusyError';
  override readonly exitCode = 6;
}

/** Another run of the same account is in progress, or committed first. */
export class AlreadyRunningError extends CallhouseError {
  override readonly name = 'AlreadyRunningError';
  override readonly exitCode = 0;
}

/** Another run of the same account is alive, but hangs. */
export class StuckRunError extends CallhouseError {
  override readonly name = 'StuckRunError';
  override readonly exitCode = 6;
}

/** The run's time is used up. Everything that was read completely is committed. */
export class OutOfTimeError extends CallhouseError {
  override readonly name = 'OutOfTimeError';
  override readonly exitCode = 6;

  /** The same failure. @param left how much is left to do; the message begins with it */
  withLeft(left: string): OutOfTimeError {
    return new OutOfTimeError(`${left}: ${this.reason}`, this.context);
  }
}

/** A statement did part of its work, and has to be run again to do the rest. */
export class UnfinishedError extends CallhouseError {
  override readonly name = 'UnfinishedError';
  override readonly exitCode = 6;
}

/** The user stopped the run. */
export class InterruptedError extends CallhouseError {
  override readonly name = 'InterruptedError';
  override readonly exitCode = 130;
}

/** True for a failure that only says that the run ends before it has done everything. The next run continues. */
export function isCut(error: unknown): error is OutOfTimeError | InterruptedError {
  return error instanceof OutOfTimeError || error instanceof InterruptedError;
}
